#include "trainer/augment/mosaic.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace yoake::trainer {
namespace {

// Pixels whose centres lie in [low, high), cut to [0, size).
cv::Range PixelRange(double low, double high, int size) {
  const auto edge = [size](double x) { return std::clamp(static_cast<int>(std::ceil(x - 0.5)), 0, size); };
  return {edge(low), std::max(edge(low), edge(high))};
}

// Draws the tile with its top-left corner at (left, top) of `canvas`, scaled. Pixel i covers [i, i + 1).
void DrawTile(const cv::Mat& tile, double left, double top, double scale, cv::Mat* canvas) {
  const cv::Range columns = PixelRange(left, left + tile.cols * scale, canvas->cols);
  const cv::Range rows = PixelRange(top, top + tile.rows * scale, canvas->rows);
  if (columns.empty() || rows.empty()) return;
  const double half = 0.5 * scale - 0.5;  // warpAffine counts from pixel centres.
  const cv::Matx23d map(scale, 0, left + half - columns.start, 0, scale, top + half - rows.start);
  cv::Mat target = (*canvas)(rows, columns);
  cv::warpAffine(tile, target, map, target.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
}

}  // namespace

MosaicPlan DrawMosaicPlan(const AugmentConfig& config, int size, RandomStream* random) {
  MosaicPlan plan;
  plan.corner_x = random->Uniform(-0.5, 0.5) * size;
  plan.corner_y = random->Uniform(-0.5, 0.5) * size;
  plan.scale = random->Uniform(config.mosaic_scale_low, config.mosaic_scale_high);
  plan.shift_x = random->Uniform(-config.translate, config.translate) * size;
  plan.shift_y = random->Uniform(-config.translate, config.translate) * size;
  return plan;
}

Sample MakeMosaic(const std::array<Sample, 4>& tiles, const MosaicPlan& plan, int size) {
  Sample mosaic;
  mosaic.image = cv::Mat(size, size, CV_8UC3, cv::Scalar::all(kPaddingGrey));
  const double corner_x = plan.scale * plan.corner_x + size / 2.0 + plan.shift_x;
  const double corner_y = plan.scale * plan.corner_y + size / 2.0 + plan.shift_y;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const Sample& tile = tiles[i];
    const double left = corner_x - (i % 2 == 0 ? tile.image.cols * plan.scale : 0);
    const double top = corner_y - (i < 2 ? tile.image.rows * plan.scale : 0);
    DrawTile(tile.image, left, top, plan.scale, &mosaic.image);
    for (const LabeledBox& labeled : tile.boxes) {
      const Box moved{left + labeled.box.x * plan.scale, top + labeled.box.y * plan.scale,
                      labeled.box.w * plan.scale, labeled.box.h * plan.scale};
      const auto visible = ClipBox(moved, size, size);
      if (!visible || visible->w < kMinBoxSide_px || visible->h < kMinBoxSide_px) continue;
      if (visible->area() < kMinVisibleShare * moved.area()) continue;
      mosaic.boxes.push_back({*visible, labeled.label});
    }
  }
  return mosaic;
}

}  // namespace yoake::trainer
