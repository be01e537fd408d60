#pragma once

#include <span>

namespace yoake::trainer {

// The files of configs/presets as they were when the program was built (CMakeLists.txt lists them).
struct PresetText {
  const char* name;
  const char* text;
};
std::span<const PresetText> PresetTexts();

}  // namespace yoake::trainer
