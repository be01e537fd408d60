#include <algorithm>
#include <opencv2/core.hpp>

#include "trainer/augment/letterbox.h"
#include "trainer/augment/placed_image.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

struct MixUp {
  double ratio_low;
  double ratio_high;
  double flip_ratio;
  Transform mirror = FlipType().make({});

  void operator()(const TransformInput& in, Sample* sample) const {
    Sample other = in.source.Load(in.random->Below(in.source.size()));
    const double ratio = in.random->Uniform(ratio_low, ratio_high);
    if (in.random->Chance(flip_ratio)) mirror(in, &other);
    Placement placement;
    placement.left = Offset(other.image.cols * ratio, in);
    placement.top = Offset(other.image.rows * ratio, in);
    placement.scale_x = placement.scale_y = ratio;

    PadToSquare(in.size, sample);
    sample->image = sample->image.clone();
    Blend(other.image, placement, &sample->image);
    const auto boxes = MoveBoxes(other.boxes, placement, in.size, in.size);
    sample->boxes.insert(sample->boxes.end(), boxes.begin(), boxes.end());
  }

  // Anywhere inside the square, or, where the image is larger, anywhere that fills the square.
  static double Offset(double length, const TransformInput& in) {
    const double room = in.size - length;
    return in.random->Uniform(std::min(room, 0.0), std::max(room, 0.0));
  }

  // Half and half, where the other image lies.
  static void Blend(const cv::Mat& other, const Placement& placement, cv::Mat* image) {
    const cv::Rect covered = CoveredPixels(other.size(), placement, image->size());
    cv::Mat moved(covered.size(), image->type());
    DrawPlaced(other, placement, covered.tl(), moved);
    cv::Mat target = (*image)(covered);
    if (!target.empty()) cv::addWeighted(target, 0.5, moved, 0.5, 0, target);
  }
};

}  // namespace

// YOLOX's mixup (Ge et al. 2021): another image, resized by a ratio, perhaps mirrored, shines through; the
// boxes of both count. mmdetection's MixUp with equal weights, but where the other image does not reach the
// picture keeps its contrast.
TransformType MixUpType() {
  return {.name = "mixup",
          .params = {Prob(),
                     {.name = "ratio_low", .value = 0.5, .low = 0.05, .high = 10},
                     {.name = "ratio_high", .value = 1.5, .high = 10, .not_below = "ratio_low"},
                     {.name = "flip_ratio", .value = 0.5}},
          .make =
              [](const TransformParams& params) {
                return MixUp{params.at("ratio_low"), params.at("ratio_high"), params.at("flip_ratio")};
              },
          .ends_early = true};
}

}  // namespace yoake::trainer
