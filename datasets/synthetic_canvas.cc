#include "datasets/synthetic_canvas.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace yoake::datasets {
namespace {

constexpr int kScale = 2;  // Canvas points a pixel.
constexpr int kShift = 4;  // Fractional bits of a coordinate.

}  // namespace

Canvas::Canvas(int width, int height)
    : width_(width),
      height_(height),
      heat_(height * kScale, width * kScale, CV_32F, cv::Scalar(0)),
      label_(heat_.size(), CV_8U, cv::Scalar(0)),
      own_(heat_.size(), CV_8U, cv::Scalar(0)) {}

cv::Point Canvas::Fixed(cv::Point2d point) const {
  return {static_cast<int>(std::lround(point.x * kScale * (1 << kShift))),
          static_cast<int>(std::lround(point.y * kScale * (1 << kShift)))};
}

template <typename Draw>
void Canvas::Everywhere(double heat, Draw draw) {
  draw(heat_, cv::Scalar(heat));
  draw(label_, cv::Scalar(object_));
  if (object_ > 0) draw(own_, cv::Scalar(255));
}

void Canvas::Begin(int object) {
  object_ = object;
  own_.setTo(0);
}

Canvas::Extent Canvas::End() {
  object_ = 0;
  return ExtentOf(own_);
}

Canvas::Extent Canvas::Visible(int object) const { return ExtentOf(label_ == object); }

Canvas::Extent Canvas::ExtentOf(const cv::Mat& mask) const {
  const int points = cv::countNonZero(mask);
  if (points == 0) return {};
  const cv::Rect box = cv::boundingRect(mask);
  constexpr double kPixel = 1.0 / kScale;
  return {{box.x * kPixel, box.y * kPixel, box.width * kPixel, box.height * kPixel},
          points * kPixel * kPixel};
}

void Canvas::Fill(const std::vector<cv::Point2d>& polygon, double heat) {
  std::vector<cv::Point> points;
  for (const cv::Point2d& point : polygon) points.push_back(Fixed(point));
  Everywhere(heat, [&](cv::Mat& target, const cv::Scalar& value) {
    cv::fillPoly(target, std::vector<std::vector<cv::Point>>{points}, value, cv::LINE_8, kShift);
  });
}

void Canvas::Disc(cv::Point2d centre, double radius_x, double radius_y, double heat, double angle_deg) {
  const cv::Point radii = Fixed({radius_x, radius_y});
  Everywhere(heat, [&](cv::Mat& target, const cv::Scalar& value) {
    cv::ellipse(target, Fixed(centre), cv::Size(radii), angle_deg, 0, 360, value, cv::FILLED, cv::LINE_8,
                kShift);
  });
}

void Canvas::Ring(cv::Point2d centre, double radius_x, double radius_y, double thickness, double heat) {
  const cv::Point radii = Fixed({radius_x, radius_y});
  const int width = std::max(1, static_cast<int>(std::lround(thickness * kScale)));
  Everywhere(heat, [&](cv::Mat& target, const cv::Scalar& value) {
    cv::ellipse(target, Fixed(centre), cv::Size(radii), 0, 0, 360, value, width, cv::LINE_8, kShift);
  });
}

void Canvas::Limb(std::initializer_list<cv::Point2d> joints, double thickness, double heat) {
  const int width = std::max(1, static_cast<int>(std::lround(thickness * kScale)));
  for (const auto* joint = joints.begin(); joint + 1 < joints.end(); ++joint) {
    Everywhere(heat, [&](cv::Mat& target, const cv::Scalar& value) {
      cv::line(target, Fixed(joint[0]), Fixed(joint[1]), value, width, cv::LINE_8, kShift);
    });
  }
}

cv::Mat Canvas::Silhouette(int object) const {
  cv::Mat silhouette;
  cv::resize(label_ == object, silhouette, cv::Size(width_, height_), 0, 0, cv::INTER_AREA);
  return silhouette >= 127;
}

void Canvas::Glow(cv::Point2d centre, double radius_x, double radius_y, double heat) {
  const cv::Rect all({0, 0}, heat_.size());
  const cv::Rect spot(cv::Point2d(centre.x - radius_x, centre.y - radius_y) * kScale,
                      cv::Point2d(centre.x + radius_x, centre.y + radius_y) * kScale);
  const cv::Rect inside = spot & all;
  for (int y = inside.y; y < inside.y + inside.height; ++y) {
    float* row = heat_.ptr<float>(y);
    for (int x = inside.x; x < inside.x + inside.width; ++x) {
      const double dx = (x - centre.x * kScale) / (radius_x * kScale);
      const double dy = (y - centre.y * kScale) / (radius_y * kScale);
      const double fall = std::max(0.0, 1 - dx * dx - dy * dy);
      row[x] += static_cast<float>(heat * fall * fall);
    }
  }
}

void Canvas::Texture(const cv::Mat& coarse) {
  cv::Mat fine;
  cv::resize(coarse, fine, heat_.size(), 0, 0, cv::INTER_CUBIC);
  heat_ += fine;
}

cv::Mat Canvas::Picture() const {
  cv::Mat picture;
  cv::resize(heat_, picture, cv::Size(width_, height_), 0, 0, cv::INTER_AREA);
  return picture;
}

}  // namespace yoake::datasets
