#include "trainer/tensors.h"

#include <ATen/ATen.h>

namespace yoake::trainer {

at::Tensor ImageTensor(std::span<const std::uint8_t> pixels, std::size_t count, int size,
                       c10::Device device) {
  const auto n = static_cast<std::int64_t>(count);
  const at::Tensor bytes =
      at::from_blob(const_cast<std::uint8_t*>(pixels.data()), {n, size, size, 3}, at::kByte);
  return bytes.to(device).permute({0, 3, 1, 2}).to(at::kFloat);
}

at::Tensor TargetTensor(const std::vector<LabeledBox>& boxes) {
  at::Tensor targets = at::empty({static_cast<std::int64_t>(boxes.size()), 5}, at::kFloat);
  float* row = targets.data_ptr<float>();
  for (const LabeledBox& labeled : boxes) {
    *row++ = static_cast<float>(labeled.label);
    *row++ = static_cast<float>(labeled.box.x + labeled.box.w / 2);
    *row++ = static_cast<float>(labeled.box.y + labeled.box.h / 2);
    *row++ = static_cast<float>(labeled.box.w);
    *row++ = static_cast<float>(labeled.box.h);
  }
  return targets;
}

}  // namespace yoake::trainer
