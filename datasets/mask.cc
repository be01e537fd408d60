#include "datasets/mask.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>

#include "core/error.h"

namespace yoake::datasets {
namespace {

constexpr double kLargestCoordinate = 1e6;
constexpr int kUpsampling = 5;

[[noreturn]] void Fail(const std::string& message) { throw Error(ErrorKind::kData, message); }

std::uint32_t PixelCount(int height, int width) {
  const auto pixels = static_cast<std::int64_t>(height) * width;
  if (height < 0 || width < 0 || pixels > std::numeric_limits<std::uint32_t>::max()) {
    Fail(fmt::format("expected a mask of less than 2^32 pixels, got {} x {}", width, height));
  }
  return static_cast<std::uint32_t>(pixels);
}

// Appends stretches that may be empty or continue the last one.
class RunWriter {
 public:
  void Add(bool inside, std::uint32_t length) {
    if (length == 0) return;
    if (inside != inside_) {
      runs_.push_back(length_);
      inside_ = inside;
      length_ = 0;
    }
    length_ += length;
  }

  std::vector<std::uint32_t> Finish() {
    if (length_ > 0 || runs_.empty()) runs_.push_back(length_);
    return std::move(runs_);
  }

 private:
  std::vector<std::uint32_t> runs_;
  bool inside_ = false;
  std::uint32_t length_ = 0;
};

Mask FromAnyCounts(const std::vector<std::uint32_t>& counts, int height, int width) {
  const std::uint64_t pixels = PixelCount(height, width);
  const std::uint64_t sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (sum != pixels) {
    Fail(fmt::format("the mask's counts sum up to {}, expected {} ({} x {} pixels)", sum, pixels, width,
                     height));
  }
  RunWriter writer;
  for (std::size_t i = 0; i < counts.size(); ++i) writer.Add(i % 2 == 1, counts[i]);
  return {height, width, writer.Finish()};
}

struct GridPoint {
  int x = 0;
  int y = 0;
};

// Walks an outline on the fine grid and notes where it passes the middle of a pixel column: from that pixel
// on, down the column, inside and outside change places.
class OutlineWalker {
 public:
  OutlineWalker(int height, int width) : height_(height), width_(width) {}

  void Walk(const std::vector<double>& polygon) {
    started_ = false;
    const std::size_t points = polygon.size() / 2;
    for (std::size_t i = 0; i < points; ++i) WalkEdge(At(polygon, i), At(polygon, (i + 1) % points));
  }

  Mask Finish() {
    std::sort(changes_.begin(), changes_.end());
    RunWriter writer;
    std::uint32_t last = 0;
    bool inside = false;
    for (const std::uint32_t change : changes_) {
      writer.Add(inside, change - last);
      last = change;
      inside = !inside;
    }
    writer.Add(inside, PixelCount(height_, width_) - last);
    return {height_, width_, writer.Finish()};
  }

 private:
  // Truncation, not rounding: what decides below zero is maskApi's cast to int.
  static int Truncated(double value) { return static_cast<int>(value); }

  static GridPoint At(const std::vector<double>& polygon, std::size_t point) {
    return {Truncated(kUpsampling * polygon[2 * point] + .5),
            Truncated(kUpsampling * polygon[2 * point + 1] + .5)};
  }

  // One point a step of the longer side. The coordinate of the shorter side is always counted from the same
  // end, so that an edge walked backwards passes the same points.
  void WalkEdge(GridPoint from, GridPoint to) {
    const int dx = std::abs(from.x - to.x);
    const int dy = std::abs(from.y - to.y);
    const bool flat = dx >= dy;
    const int steps = flat ? dx : dy;
    const bool backwards = flat ? from.x > to.x : from.y > to.y;
    if (backwards) std::swap(from, to);
    const double rise = flat ? to.y - from.y : to.x - from.x;
    const double slope = steps == 0 ? 0 : rise / steps;
    for (int step = 0; step <= steps; ++step) {
      const int t = backwards ? steps - step : step;
      if (flat) {
        Visit({from.x + t, Truncated(from.y + slope * t + .5)});
      } else {
        Visit({Truncated(from.x + slope * t + .5), from.y + t});
      }
    }
  }

  void Visit(GridPoint point) {
    if (started_ && point.x != last_.x) Cross(point);
    last_ = point;
    started_ = true;
  }

  void Cross(GridPoint point) {
    const double x = ToPixel(point.x < last_.x ? point.x : point.x - 1);
    if (std::floor(x) != x || x < 0 || x > width_ - 1) return;
    const double y = std::ceil(std::clamp(ToPixel(std::min(point.y, last_.y)), 0.0, double(height_)));
    changes_.push_back(static_cast<std::uint32_t>(x) * static_cast<std::uint32_t>(height_) +
                       static_cast<std::uint32_t>(y));
  }

  static double ToPixel(int fine) { return (fine + .5) / kUpsampling - .5; }

  int height_, width_;
  bool started_ = false;
  GridPoint last_;
  std::vector<std::uint32_t> changes_;  // Pixel numbers; a pixel that stands twice changes nothing.
};

std::vector<double> Corners(const std::vector<double>& box) {
  const double left = box[0], top = box[1], right = box[0] + box[2], bottom = box[1] + box[3];
  return {left, top, left, bottom, right, bottom, right, top};
}

void CheckPolygon(const std::vector<double>& polygon) {
  if (polygon.size() % 2 != 0) {
    Fail(fmt::format("expected a polygon of pairs x, y, got {} numbers", polygon.size()));
  }
  if (polygon.size() < 6) {
    Fail(fmt::format("expected a polygon of at least 3 points, got {}", polygon.size() / 2));
  }
  for (const double value : polygon) {
    if (!(std::abs(value) <= kLargestCoordinate)) {
      Fail(fmt::format("expected a polygon's coordinate from -10^6 to 10^6, got {}", value));
    }
  }
}

// Walks two masks of one size together: visit(inside_a, inside_b, length) for each stretch.
template <typename Visit>
void ForEachStretch(const Mask& a, const Mask& b, Visit visit) {
  assert(a.height == b.height && a.width == b.width);
  std::size_t i = 0, j = 0;
  std::uint32_t left_a = a.runs.empty() ? 0 : a.runs[0];
  std::uint32_t left_b = b.runs.empty() ? 0 : b.runs[0];
  while (i < a.runs.size() && j < b.runs.size()) {
    const std::uint32_t length = std::min(left_a, left_b);
    visit(i % 2 == 1, j % 2 == 1, length);
    left_a -= length;
    left_b -= length;
    if (left_a == 0 && ++i < a.runs.size()) left_a = a.runs[i];
    if (left_b == 0 && ++j < b.runs.size()) left_b = b.runs[j];
  }
}

}  // namespace

Mask MaskFromPolygons(const std::vector<std::vector<double>>& polygons, int height, int width) {
  PixelCount(height, width);
  if (polygons.empty()) Fail("expected at least one polygon, got none");
  const bool boxes = polygons[0].size() == 4;
  Mask whole;
  for (const std::vector<double>& polygon : polygons) {
    if (boxes && polygon.size() != 4) Fail("expected boxes of 4 numbers, as the first, or polygons alone");
    const std::vector<double> outline = boxes ? Corners(polygon) : polygon;
    CheckPolygon(outline);
    OutlineWalker walker(height, width);
    walker.Walk(outline);
    whole = whole.runs.empty() ? walker.Finish() : MaskUnion(whole, walker.Finish());
  }
  return whole;
}

Mask MaskFromCounts(std::vector<std::uint32_t> counts, int height, int width) {
  return FromAnyCounts(counts, height, width);
}

Mask MaskFromString(std::string_view text, int height, int width) {
  constexpr int kGroups = 7;  // 35 bits hold a difference of two counts.
  std::vector<std::uint32_t> counts;
  for (std::size_t p = 0; p < text.size();) {
    std::int64_t value = 0;
    for (int group = 0;; ++group, ++p) {
      if (p == text.size()) Fail("the mask's string ends within a count: truncated?");
      const int bits = static_cast<unsigned char>(text[p]) - '0';
      if (bits < 0 || bits >= 64) {
        Fail(fmt::format("byte {} of the mask's string is no character of such a string", p));
      }
      if (group == kGroups) Fail(fmt::format("count {} of the mask's string is too long", counts.size()));
      value |= static_cast<std::int64_t>(bits & 0x1f) << (5 * group);
      if (bits & 0x20) continue;
      if (bits & 0x10) value -= std::int64_t{1} << (5 * (group + 1));
      ++p;
      break;
    }
    if (counts.size() > 2) value += counts[counts.size() - 2];
    if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) {
      Fail(fmt::format("count {} of the mask's string is {}", counts.size(), value));
    }
    counts.push_back(static_cast<std::uint32_t>(value));
  }
  return FromAnyCounts(counts, height, width);
}

std::string MaskString(const Mask& mask) {
  std::string text;
  for (std::size_t i = 0; i < mask.runs.size(); ++i) {
    std::int64_t value = mask.runs[i];
    if (i > 2) value -= mask.runs[i - 2];
    for (bool more = true; more;) {
      int bits = static_cast<int>(value & 0x1f);
      value >>= 5;
      more = (bits & 0x10) ? value != -1 : value != 0;
      if (more) bits |= 0x20;
      text.push_back(static_cast<char>('0' + bits));
    }
  }
  return text;
}

std::uint64_t MaskArea(const Mask& mask) {
  std::uint64_t area = 0;
  for (std::size_t i = 1; i < mask.runs.size(); i += 2) area += mask.runs[i];
  return area;
}

Box MaskBox(const Mask& mask) {
  if (mask.runs.size() < 2) return {};
  const auto height = static_cast<std::uint32_t>(mask.height);
  std::uint32_t top = height, bottom = 0, position = 0;
  const std::uint32_t left = mask.runs[0] / height;
  std::uint32_t right = 0;  // The last column.
  for (std::size_t i = 0; i + 1 < mask.runs.size(); i += 2) {
    const std::uint32_t first = position + mask.runs[i];
    const std::uint32_t last = first + mask.runs[i + 1] - 1;
    position = last + 1;
    const bool one_column = first / height == last / height;
    top = std::min(top, one_column ? first % height : 0);
    bottom = std::max(bottom, one_column ? last % height : height - 1);
    right = last / height;
  }
  return {double(left), double(top), double(right - left + 1), double(bottom - top + 1)};
}

std::uint64_t MaskIntersection(const Mask& a, const Mask& b) {
  std::uint64_t pixels = 0;
  ForEachStretch(a, b, [&](bool in_a, bool in_b, std::uint32_t length) {
    if (in_a && in_b) pixels += length;
  });
  return pixels;
}

Mask MaskUnion(const Mask& a, const Mask& b) {
  RunWriter writer;
  ForEachStretch(a, b, [&](bool in_a, bool in_b, std::uint32_t length) { writer.Add(in_a || in_b, length); });
  return {a.height, a.width, writer.Finish()};
}

}  // namespace yoake::datasets
