#include "datasets/picture_module.h"

#include "core/module.h"

namespace yoake::datasets {

const PictureModule& Pictures() {
  static const auto* const kModule =
      static_cast<const PictureModule*>(LoadModule("libyoake_pictures.so", "yoake_pictures", "pictures"));
  return *kModule;
}

}  // namespace yoake::datasets
