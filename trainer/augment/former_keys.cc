#include "trainer/augment/former_keys.h"

#include <map>

namespace yoake::trainer {

std::string PresentName(const std::string& former_key) {
  static const std::map<std::string, std::string> kNames = {
      {"hsv_h", "hsv.hue"},
      {"hsv_s", "hsv.saturation"},
      {"hsv_v", "hsv.value"},
      {"mosaic_scale_low", "mosaic.scale_low"},
      {"mosaic_scale_high", "mosaic.scale_high"},
      {"translate", "mosaic.translate"},
  };
  const auto found = kNames.find(former_key);
  return found == kNames.end() ? "" : found->second;
}

}  // namespace yoake::trainer
