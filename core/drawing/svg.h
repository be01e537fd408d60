#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yoake {

// A point in SVG user units (pixels), origin at the top left, y down.
struct Point {
  double x = 0;
  double y = 0;
};

struct Stroke {
  std::string color = "#333333";
  double width = 1;
  std::string dash;  // SVG's stroke-dasharray, e.g. "4 3"; empty: solid.
  double opacity = 1;
};

struct TextStyle {
  double size = 12;              // Pixels.
  std::string anchor = "start";  // "start", "middle", "end".
  std::string color = "#333333";
  bool bold = false;
  double rotation = 0;  // Degrees, clockwise, around the text's own point.
};

// The shapes that tell series apart without colour.
enum class Marker { kCircle, kSquare, kTriangle, kDiamond };

// A small SVG document, written in call order. The same calls give the same bytes: coordinates are rounded to
// a hundredth of a pixel, there are no ids, dates or random names. It carries its own white background, so
// that it reads the same on a light and on a dark page, and a title and description for screen readers.
class Svg {
 public:
  Svg(double width, double height, std::string_view title, std::string_view description);

  void Rect(Point corner, double width, double height, std::string_view fill);
  void Line(Point from, Point to, const Stroke& stroke);
  void Polyline(const std::vector<Point>& points, const Stroke& stroke);  // Nothing for less than 2 points.
  // Filled with `color`, or white with an outline of it when `hollow`. `tooltip` shows where SVG is live.
  void Mark(Marker marker, Point center, double radius, std::string_view color, bool hollow,
            std::string_view tooltip = "");
  void Text(Point at, std::string_view text, const TextStyle& style = {});

  double width() const { return width_; }
  double height() const { return height_; }

  std::string Finish() const;

 private:
  double width_;
  double height_;
  std::string body_;
};

// A cautious estimate in pixels of how wide `text` is drawn; no font is asked.
double TextWidth(std::string_view text, double size);

}  // namespace yoake
