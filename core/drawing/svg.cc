#include "core/drawing/svg.h"

#include <fmt/format.h>

#include <cmath>

#include "core/display_text.h"
#include "core/xml.h"

namespace yoake {
namespace {

// Two decimals without trailing zeros: "12", "0.5", never "-0".
std::string Number(double value) {
  const double rounded = std::round(value * 100) / 100;
  return fmt::format("{}", rounded == 0 ? 0.0 : rounded);
}

std::string PointList(const std::vector<Point>& points) {
  std::string list;
  for (const Point& point : points) {
    list += fmt::format("{}{},{}", list.empty() ? "" : " ", Number(point.x), Number(point.y));
  }
  return list;
}

std::string Attributes(const Stroke& stroke) {
  std::string text = fmt::format(R"( stroke="{}" stroke-width="{}")", stroke.color, Number(stroke.width));
  if (!stroke.dash.empty()) text += fmt::format(R"( stroke-dasharray="{}")", stroke.dash);
  if (stroke.opacity < 1) text += fmt::format(R"( stroke-opacity="{}")", Number(stroke.opacity));
  return text;
}

std::vector<Point> Corners(Marker marker, Point c, double r) {
  if (marker == Marker::kSquare) {
    const double h = r * 0.89;  // The same area as the circle's.
    return {{c.x - h, c.y - h}, {c.x + h, c.y - h}, {c.x + h, c.y + h}, {c.x - h, c.y + h}};
  }
  if (marker == Marker::kTriangle) {
    return {{c.x, c.y - 1.25 * r}, {c.x + 1.15 * r, c.y + 0.8 * r}, {c.x - 1.15 * r, c.y + 0.8 * r}};
  }
  const double h = r * 1.25;
  return {{c.x, c.y - h}, {c.x + h, c.y}, {c.x, c.y + h}, {c.x - h, c.y}};
}

}  // namespace

double TextWidth(std::string_view text, double size) {
  // Widths in em of DejaVu Sans, the widest of the fonts asked for, in four classes.
  double em = 0;
  for (const char32_t c : CodePoints(text)) {
    const char letter = c < 0x80 ? static_cast<char>(c) : '\0';
    const auto among = [&](std::string_view set) {
      return letter != '\0' && set.find(letter) != std::string_view::npos;
    };
    if (among(" ijlIftr.,:;'|!()[]/-")) {
      em += 0.37;
    } else if (among("mwMW@%")) {
      em += 0.95;
    } else if (letter >= 'A' && letter <= 'Z') {
      em += 0.7;
    } else {
      em += letter != '\0' ? 0.62 : 0.65 * DisplayWidth(ToUtf8({c}));
    }
  }
  return em * size;
}

Svg::Svg(double width, double height, std::string_view title, std::string_view description)
    : width_(width), height_(height) {
  body_ = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">)"
      "\n<title>{2}</title>\n<desc>{3}</desc>\n",
      Number(width), Number(height), EscapeXml(title), EscapeXml(description));
  body_ += fmt::format(
      "<rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"#ffffff\" stroke=\"#d0d7de\"/>\n",
      Number(width - 1), Number(height - 1));
}

void Svg::Rect(Point corner, double width, double height, std::string_view fill) {
  body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n", Number(corner.x),
                       Number(corner.y), Number(width), Number(height), fill);
}

void Svg::Line(Point from, Point to, const Stroke& stroke) {
  body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", Number(from.x), Number(from.y),
                       Number(to.x), Number(to.y), Attributes(stroke));
}

void Svg::Polyline(const std::vector<Point>& points, const Stroke& stroke) {
  if (points.size() < 2) return;
  body_ += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\"{}/>\n",
                       PointList(points), Attributes(stroke));
}

void Svg::Mark(Marker marker, Point center, double radius, std::string_view color, bool hollow,
               std::string_view tooltip) {
  const std::string paint =
      fmt::format("fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\"", hollow ? "#ffffff" : color,
                  hollow ? color : "#ffffff", hollow ? "1.5" : "0.75");
  const std::string end = tooltip.empty() ? "/>"
                                          : fmt::format("><title>{}</title></{}>", EscapeXml(tooltip),
                                                        marker == Marker::kCircle ? "circle" : "polygon");
  if (marker == Marker::kCircle) {
    body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}{}\n", Number(center.x), Number(center.y),
                         Number(radius), paint, end);
  } else {
    body_ +=
        fmt::format("<polygon points=\"{}\" {}{}\n", PointList(Corners(marker, center, radius)), paint, end);
  }
}

void Svg::Text(Point at, std::string_view text, const TextStyle& style) {
  body_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\" fill=\"{}\"",
                       Number(at.x), Number(at.y), Number(style.size), style.anchor, style.color);
  if (style.bold) body_ += " font-weight=\"bold\"";
  if (style.rotation != 0) {
    body_ +=
        fmt::format(" transform=\"rotate({} {} {})\"", Number(style.rotation), Number(at.x), Number(at.y));
  }
  body_ += fmt::format(">{}</text>\n", EscapeXml(text));
}

std::string Svg::Finish() const { return body_ + "</svg>\n"; }

}  // namespace yoake
