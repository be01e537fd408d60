#pragma once

#include <string>

namespace yoake::trainer {

// What a key directly under augment is called now, from when the transforms had no objects of their own:
// "hsv_s" -> "hsv.saturation". Empty for any other key.
std::string PresentName(const std::string& former_key);

}  // namespace yoake::trainer
