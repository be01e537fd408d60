#include "trainer/predict/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace yoake::trainer {
namespace {

// Okabe and Ito's colours for every kind of sight, without black; BGR.
const cv::Scalar& Color(int label) {
  static const std::array<cv::Scalar, 7> colors = {
      cv::Scalar(0, 159, 230), cv::Scalar(233, 180, 86), cv::Scalar(115, 158, 0),  cv::Scalar(66, 228, 240),
      cv::Scalar(178, 114, 0), cv::Scalar(0, 94, 213),   cv::Scalar(167, 121, 204)};
  return colors[static_cast<std::size_t>(label) % colors.size()];
}

const cv::Scalar kTruth(255, 255, 255);

cv::Rect Pixels(const Box& box) {
  const auto x = static_cast<int>(std::lround(box.x));
  const auto y = static_cast<int>(std::lround(box.y));
  return {x, y, std::max(1, static_cast<int>(std::lround(box.right())) - x),
          std::max(1, static_cast<int>(std::lround(box.bottom())) - y)};
}

void DashedLine(cv::Point from, cv::Point to, int thickness, cv::Mat* image) {
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  const double dash = 4.0 * thickness + 2;
  for (double at = 0; at < length; at += 2 * dash) {
    const cv::Point2d way(to - from);
    const cv::Point begin = from + cv::Point(way * (at / length));
    const cv::Point end = from + cv::Point(way * (std::min(at + dash, length) / length));
    cv::line(*image, begin, end, kTruth, thickness);
  }
}

void DrawTruth(const cv::Rect& box, int thickness, cv::Mat* image) {
  const cv::Point top_right(box.br().x, box.y);
  const cv::Point bottom_left(box.x, box.br().y);
  DashedLine(box.tl(), top_right, thickness, image);
  DashedLine(top_right, box.br(), thickness, image);
  DashedLine(bottom_left, box.br(), thickness, image);
  DashedLine(box.tl(), bottom_left, thickness, image);
}

// On a patch of the box's colour above its top-left corner, or inside where there is no room.
void DrawText(const std::string& text, const cv::Rect& box, const cv::Scalar& color, double scale,
              cv::Mat* image) {
  int below = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, &below);
  const int height = size.height + below + 1;
  const int x = std::clamp(box.x, 0, std::max(0, image->cols - size.width));
  const int top = box.y >= height ? box.y - height : box.y;
  cv::rectangle(*image, cv::Rect(x, top, size.width, height), color, cv::FILLED);
  cv::putText(*image, text, {x, top + size.height}, cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar::all(0), 1,
              cv::LINE_AA);
}

}  // namespace

std::map<datasets::ImageId, std::vector<DrawnBox>> BoxesToDraw(
    const datasets::Dataset& truth, const std::vector<metrics::Detection>& detections, double least_score) {
  std::map<datasets::CategoryId, int> order;
  std::map<datasets::CategoryId, std::string> names;
  for (const datasets::Category& category : truth.categories) {
    order.emplace(category.id, static_cast<int>(order.size()));
    names[category.id] = category.name;
  }
  std::map<datasets::ImageId, std::vector<DrawnBox>> boxes;
  for (const datasets::Annotation& box : truth.annotations) {
    boxes[box.image_id].push_back({box.box, "", order[box.category_id], true});
  }
  for (const metrics::Detection& found : detections) {
    if (found.score < least_score) continue;
    boxes[found.image_id].push_back({found.box,
                                     fmt::format("{} {:.2f}", names[found.category_id], found.score),
                                     order[found.category_id], false});
  }
  return boxes;
}

void DrawBoxes(const std::vector<DrawnBox>& boxes, cv::Mat* image) {
  const int side = std::max(image->cols, image->rows);
  const int thickness = std::max(1, side / 640);
  const double text_scale = std::max(0.35, side / 1800.0);
  for (const DrawnBox& drawn : boxes) {
    if (drawn.truth) DrawTruth(Pixels(drawn.box), thickness, image);
  }
  for (const DrawnBox& drawn : boxes) {
    if (drawn.truth) continue;
    cv::rectangle(*image, Pixels(drawn.box), Color(drawn.label), thickness);
    DrawText(drawn.text, Pixels(drawn.box), Color(drawn.label), text_scale, image);
  }
}

}  // namespace yoake::trainer
