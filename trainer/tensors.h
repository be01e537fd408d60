#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/augment/sample.h"

namespace yoake::trainer {

// pixels: [count, size, size, 3] 8-bit BGR. Returns [count, 3, size, size] float32 0..255, channels_last.
at::Tensor ImageTensor(std::span<const std::uint8_t> pixels, std::size_t count, int size, c10::Device device);

// float32 [N, 5] rows class, cx, cy, w, h in input pixels, on the CPU.
at::Tensor TargetTensor(const std::vector<LabeledBox>& boxes);

}  // namespace yoake::trainer
