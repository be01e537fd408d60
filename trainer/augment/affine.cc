#include "trainer/augment/affine.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

using Polygon = std::vector<cv::Point2d>;

double Area(const Polygon& polygon) {
  double twice = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i)
    twice += polygon[i].cross(polygon[(i + 1) % polygon.size()]);
  return std::abs(twice) / 2;
}

// The part where normal . point + offset >= 0.
Polygon Cut(const Polygon& polygon, const cv::Point2d& normal, double offset) {
  Polygon kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const cv::Point2d& from = polygon[i];
    const cv::Point2d& to = polygon[(i + 1) % polygon.size()];
    const double before = normal.dot(from) + offset;
    const double after = normal.dot(to) + offset;
    if (before >= 0) kept.push_back(from);
    if ((before >= 0) != (after >= 0)) kept.push_back(from + (to - from) * (before / (before - after)));
  }
  return kept;
}

Polygon Mapped(const Box& box, const cv::Matx23d& map) {
  Polygon corners;
  for (const auto& [x, y] : {std::pair(box.x, box.y), std::pair(box.right(), box.y),
                             std::pair(box.right(), box.bottom()), std::pair(box.x, box.bottom())}) {
    const cv::Vec2d moved = map * cv::Vec3d(x, y, 1);
    corners.emplace_back(moved[0], moved[1]);
  }
  return corners;
}

double Radians(double degree) { return degree * std::numbers::pi / 180; }

struct Affine {
  double max_rotate_degree;
  double max_translate_ratio;
  double scale_low;
  double scale_high;
  double max_shear_degree;

  void operator()(const TransformInput& in, Sample* sample) const {
    const auto up_to = [&](double most) { return in.random->Uniform(-most, most); };
    AffinePlan plan;
    plan.rotate_degree = up_to(max_rotate_degree);
    plan.scale = in.random->Uniform(scale_low, scale_high);
    plan.shear_x_degree = up_to(max_shear_degree);
    plan.shear_y_degree = up_to(max_shear_degree);
    plan.shift_x = up_to(max_translate_ratio) * in.size;
    plan.shift_y = up_to(max_translate_ratio) * in.size;
    Warp(MapOf(plan, sample->image.cols, sample->image.rows), in.size, sample);
  }
};

}  // namespace

std::optional<SeenPart> SeeThrough(const Box& box, const cv::Matx23d& map, double width, double height) {
  const Polygon whole = Mapped(box, map);
  Polygon seen = Cut(Cut(whole, {1, 0}, 0), {0, 1}, 0);
  seen = Cut(Cut(seen, {-1, 0}, width), {0, -1}, height);
  if (seen.empty()) return std::nullopt;
  double left = width, right = 0, top = height, bottom = 0;
  for (const cv::Point2d& corner : seen) {  // Within the borders, but for rounding.
    left = std::max(0.0, std::min(left, corner.x));
    right = std::min(width, std::max(right, corner.x));
    top = std::max(0.0, std::min(top, corner.y));
    bottom = std::min(height, std::max(bottom, corner.y));
  }
  return SeenPart{{left, top, right - left, bottom - top}, Area(seen), Area(whole)};
}

cv::Matx23d MapOf(const AffinePlan& plan, double width, double height) {
  const double cosine = plan.scale * std::cos(Radians(plan.rotate_degree));
  const double sine = plan.scale * std::sin(Radians(plan.rotate_degree));
  const cv::Matx22d turn(cosine, -sine, sine, cosine);
  const cv::Matx22d shear(1, std::tan(Radians(plan.shear_x_degree)), std::tan(Radians(plan.shear_y_degree)),
                          1);
  const cv::Matx22d linear = shear * turn;
  const cv::Vec2d middle(width / 2, height / 2);
  const cv::Vec2d shift = middle + cv::Vec2d(plan.shift_x, plan.shift_y) - linear * middle;
  return {linear(0, 0), linear(0, 1), shift[0], linear(1, 0), linear(1, 1), shift[1]};
}

void Warp(const cv::Matx23d& map, int size, Sample* sample) {
  // warpAffine counts from pixel centres.
  const cv::Vec2d centre = map * cv::Vec3d(0.5, 0.5, 1) - cv::Vec2d(0.5, 0.5);
  const cv::Matx23d pixels(map(0, 0), map(0, 1), centre[0], map(1, 0), map(1, 1), centre[1]);
  cv::Mat warped;
  cv::warpAffine(sample->image, warped, pixels, {size, size}, cv::INTER_LINEAR, cv::BORDER_CONSTANT,
                 cv::Scalar::all(kPaddingGrey));
  sample->image = warped;
  std::vector<LabeledBox> boxes;
  for (const LabeledBox& labeled : sample->boxes) {
    const auto seen = SeeThrough(labeled.box, map, size, size);
    if (seen && IsWorthLearning(seen->hull, seen->area, seen->whole_area)) {
      boxes.push_back({seen->hull, labeled.label});
    }
  }
  sample->boxes = std::move(boxes);
}

// mmdetection's RandomAffine, around the image's own middle: parameters of nothing change nothing.
TransformType AffineType() {
  return {.name = "affine",
          .params = {Prob(),
                     {.name = "max_rotate_degree", .value = 10, .high = 180},
                     {.name = "max_translate_ratio", .value = 0.1},
                     {.name = "scale_low", .value = 0.5, .low = 0.05, .high = 10},
                     {.name = "scale_high", .value = 1.5, .high = 10, .not_below = "scale_low"},
                     {.name = "max_shear_degree", .value = 2, .high = 60}},
          .make =
              [](const TransformParams& params) {
                return Affine{params.at("max_rotate_degree"), params.at("max_translate_ratio"),
                              params.at("scale_low"), params.at("scale_high"), params.at("max_shear_degree")};
              },
          .ends_early = true};
}

}  // namespace yoake::trainer
