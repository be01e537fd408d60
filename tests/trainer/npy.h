#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace yoake::trainer {

// A NumPy array file (version 1, C order, little-endian float32, int64 or uint8). Throws std::runtime_error.
at::Tensor ReadNpy(const std::filesystem::path& path);

}  // namespace yoake::trainer
