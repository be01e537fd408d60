#include "trainer/augment/mosaic.h"

#include <algorithm>

#include "trainer/augment/placed_image.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

// All of them, clipped: what lies outside becomes a line or a point on the border.
std::vector<LabeledBox> ClipAll(std::vector<LabeledBox> boxes, const Placement& placement, int size) {
  for (LabeledBox& labeled : boxes) {
    const Box whole = Moved(labeled.box, placement);
    const auto inside = [size](double x) { return std::clamp(x, 0.0, static_cast<double>(size)); };
    const double left = inside(whole.x);
    const double top = inside(whole.y);
    labeled.box = {left, top, inside(whole.right()) - left, inside(whole.bottom()) - top};
  }
  return boxes;
}

// The filter of Megvii's TrainTransform (yolox/data/data_augment.py).
void DropLines(std::vector<LabeledBox>* boxes) {
  const auto is_line = [](const LabeledBox& labeled) { return std::min(labeled.box.w, labeled.box.h) <= 1; };
  if (std::all_of(boxes->begin(), boxes->end(), is_line)) return;
  std::erase_if(*boxes, is_line);
}

}  // namespace

MosaicPlan DrawMosaicPlan(const MosaicRange& range, int size, RandomStream* random) {
  MosaicPlan plan;
  plan.corner_x = random->Uniform(-0.5, 0.5) * size;
  plan.corner_y = random->Uniform(-0.5, 0.5) * size;
  plan.scale = random->Uniform(range.scale_low, range.scale_high);
  plan.shift_x = random->Uniform(-range.translate, range.translate) * size;
  plan.shift_y = random->Uniform(-range.translate, range.translate) * size;
  if (!range.centred) {
    const double off_centre = (plan.scale - 0.5) * size;  // The window begins where the canvas of 2 x 2 does.
    plan.shift_x += off_centre;
    plan.shift_y += off_centre;
  }
  return plan;
}

Sample MakeMosaic(const std::array<Sample, 4>& tiles, const MosaicPlan& plan, int size, bool drop_slivers) {
  Sample mosaic;
  mosaic.image = cv::Mat(size, size, CV_8UC3, cv::Scalar::all(kPaddingGrey));
  const double corner_x = plan.scale * plan.corner_x + size / 2.0 + plan.shift_x;
  const double corner_y = plan.scale * plan.corner_y + size / 2.0 + plan.shift_y;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const Sample& tile = tiles[i];
    const double left = corner_x - (i % 2 == 0 ? tile.image.cols * plan.scale : 0);
    const double top = corner_y - (i < 2 ? tile.image.rows * plan.scale : 0);
    const Placement placement{left, top, plan.scale, plan.scale};
    const cv::Rect covered = CoveredPixels(tile.image.size(), placement, mosaic.image.size());
    DrawPlaced(tile.image, placement, covered.tl(), mosaic.image(covered));
    const auto boxes =
        drop_slivers ? MoveBoxes(tile.boxes, placement, size, size) : ClipAll(tile.boxes, placement, size);
    mosaic.boxes.insert(mosaic.boxes.end(), boxes.begin(), boxes.end());
  }
  if (!drop_slivers) DropLines(&mosaic.boxes);
  return mosaic;
}

TransformType MosaicType() {
  return {.name = "mosaic",
          .params = {Prob(1),
                     {.name = "scale_low", .value = 0.5, .low = 0.05, .high = 10},
                     {.name = "scale_high", .value = 1.5, .high = 10, .not_below = "scale_low"},
                     {.name = "translate", .value = 0.1, .high = 0.5},
                     {.name = "centred", .value = 1, .whole = true},
                     {.name = "drop_slivers", .value = 1, .whole = true}},
          .make =
              [](const TransformParams& params) {
                const MosaicRange range{params.at("scale_low"), params.at("scale_high"),
                                        params.at("translate"), params.at("centred") != 0};
                return [range, drop_slivers = params.at("drop_slivers") != 0](const TransformInput& in,
                                                                              Sample* sample) {
                  const auto other = [&] { return in.source.Load(in.random->Below(in.source.size())); };
                  const std::array<Sample, 4> tiles = {*sample, other(), other(), other()};
                  *sample =
                      MakeMosaic(tiles, DrawMosaicPlan(range, in.size, in.random), in.size, drop_slivers);
                };
              },
          .ends_early = true,
          .draws_from_sample = true};
}

}  // namespace yoake::trainer
