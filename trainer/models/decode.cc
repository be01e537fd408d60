#include "trainer/models/decode.h"

#include <ATen/ATen.h>

namespace yoake::trainer {

at::Tensor FlattenLevels(const std::vector<at::Tensor>& raw) {
  std::vector<at::Tensor> rows;
  rows.reserve(raw.size());
  for (const at::Tensor& level : raw) rows.push_back(level.permute({0, 2, 3, 1}).flatten(1, 2));
  return at::cat(rows, 1);
}

namespace {

void AppendLevel(int stride, std::int64_t height, std::int64_t width, std::vector<AnchorPoint>* points) {
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      points->push_back({static_cast<float>(x), static_cast<float>(y), static_cast<float>(stride)});
    }
  }
}

}  // namespace

std::vector<AnchorPoint> AnchorPoints(const std::vector<at::Tensor>& raw) {
  std::vector<AnchorPoint> points;
  for (std::size_t k = 0; k < raw.size(); ++k) {
    AppendLevel(kYoloxStrides[k], raw[k].size(2), raw[k].size(3), &points);
  }
  return points;
}

std::vector<AnchorPoint> AnchorPoints(int input_size) {
  std::vector<AnchorPoint> points;
  for (const int stride : kYoloxStrides)
    AppendLevel(stride, input_size / stride, input_size / stride, &points);
  return points;
}

at::Tensor AnchorTable(const std::vector<AnchorPoint>& points) {
  static_assert(sizeof(AnchorPoint) == 3 * sizeof(float));
  return at::from_blob(const_cast<AnchorPoint*>(points.data()), {static_cast<std::int64_t>(points.size()), 3},
                       at::kFloat)
      .clone();
}

at::Tensor DecodeBoxes(const at::Tensor& reg, const std::vector<AnchorPoint>& points) {
  const at::Tensor table = AnchorTable(points).to(reg.device(), reg.scalar_type());
  const at::Tensor stride = table.slice(1, 2, 3);
  const at::Tensor centre = (reg.slice(-1, 0, 2) + table.slice(1, 0, 2)) * stride;
  const at::Tensor size = reg.slice(-1, 2, 4).exp() * stride;
  return at::cat({centre, size}, -1);
}

at::Tensor Decode(const std::vector<at::Tensor>& raw) {
  const at::Tensor rows = FlattenLevels(raw);
  return at::cat({DecodeBoxes(rows.slice(2, 0, 4), AnchorPoints(raw)), rows.slice(2, 4).sigmoid()}, 2);
}

}  // namespace yoake::trainer
