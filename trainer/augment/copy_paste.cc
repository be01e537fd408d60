#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

constexpr int kPlaces = 10;  // Tried for one object.

double Overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const double height = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  return std::max(width, 0.0) * std::max(height, 0.0);
}

Cutout ScaledCutout(const Cutout& cutout, double scale) {
  const auto side = [scale](int length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  const cv::Size size(side(cutout.pixels.cols), side(cutout.pixels.rows));
  const double scale_x = static_cast<double>(size.width) / cutout.pixels.cols;
  const double scale_y = static_cast<double>(size.height) / cutout.pixels.rows;
  Cutout scaled;
  scaled.labeled = {Moved(cutout.labeled.box, {0, 0, scale_x, scale_y}), cutout.labeled.label};
  cv::resize(cutout.pixels, scaled.pixels, size, 0, 0, cv::INTER_LINEAR);
  if (!cutout.mask.empty()) cv::resize(cutout.mask, scaled.mask, size, 0, 0, cv::INTER_LINEAR);
  return scaled;
}

// With a mask its grey edge blends, else the whole rectangle goes in.
void Paint(const Cutout& cutout, const cv::Point& corner, cv::Mat* image) {
  cv::Mat target = (*image)(cv::Rect(corner, cutout.pixels.size()));
  if (cutout.mask.empty()) {
    cutout.pixels.copyTo(target);
    return;
  }
  for (int row = 0; row < target.rows; ++row) {
    const auto* mask = cutout.mask.ptr<unsigned char>(row);
    const auto* from = cutout.pixels.ptr<cv::Vec3b>(row);
    auto* to = target.ptr<cv::Vec3b>(row);
    for (int column = 0; column < target.cols; ++column) {
      for (int channel = 0; channel < 3; ++channel) {
        const int mixed = from[column][channel] * mask[column] + to[column][channel] * (255 - mask[column]);
        to[column][channel] = static_cast<unsigned char>((mixed + 127) / 255);
      }
    }
  }
}

struct CopyPaste {
  int max_num_pasted;
  double scale_low;
  double scale_high;
  double max_covered;

  void operator()(const TransformInput& in, Sample* sample) const {
    std::vector<Cutout> cutouts = in.source.CutOut(in.random->Below(in.source.size()));
    in.random->Shuffle(cutouts);
    const auto wanted = static_cast<std::size_t>(in.random->Int(1, max_num_pasted));
    if (cutouts.size() > wanted) cutouts.resize(wanted);
    if (!cutouts.empty()) sample->image = sample->image.clone();
    for (const Cutout& cutout : cutouts) {
      PasteSomewhere(ScaledCutout(cutout, in.random->Uniform(scale_low, scale_high)), in.random, sample);
    }
  }

  void PasteSomewhere(const Cutout& cutout, RandomStream* random, Sample* sample) const {
    const int room_x = sample->image.cols - cutout.pixels.cols;
    const int room_y = sample->image.rows - cutout.pixels.rows;
    if (room_x < 0 || room_y < 0) return;
    for (int i = 0; i < kPlaces; ++i) {
      const cv::Point corner(static_cast<int>(random->Int(0, room_x)),
                             static_cast<int>(random->Int(0, room_y)));
      LabeledBox pasted = cutout.labeled;
      pasted.box.x += corner.x;
      pasted.box.y += corner.y;
      if (!IsWorthLearning(pasted.box, pasted.box.area(), pasted.box.area())) return;
      if (HidesTooMuch(pasted.box, sample->boxes)) continue;
      Paint(cutout, corner, &sample->image);
      sample->boxes.push_back(pasted);
      return;
    }
  }

  bool HidesTooMuch(const Box& box, const std::vector<LabeledBox>& others) const {
    return std::any_of(others.begin(), others.end(), [&](const LabeledBox& other) {
      return Overlap(box, other.box) > max_covered * other.box.area();
    });
  }
};

}  // namespace

// Objects of another image pasted in (Ghiasi et al. 2021): along their masks where the dataset has
// segmentations, else with the rectangle around them. Places are drawn until nothing that is there is hidden
// by more than `max_covered`; an object that finds none is left out, so that no label must be taken back.
TransformType CopyPasteType() {
  return {.name = "copy_paste",
          .params = {Prob(),
                     {.name = "max_num_pasted", .value = 5, .low = 1, .high = 100, .whole = true},
                     {.name = "scale_low", .value = 0.8, .low = 0.05, .high = 10},
                     {.name = "scale_high", .value = 1.25, .high = 10, .not_below = "scale_low"},
                     {.name = "max_covered", .value = 0.3}},
          .make =
              [](const TransformParams& params) {
                return CopyPaste{static_cast<int>(params.at("max_num_pasted")), params.at("scale_low"),
                                 params.at("scale_high"), params.at("max_covered")};
              },
          .ends_early = true};
}

}  // namespace yoake::trainer
