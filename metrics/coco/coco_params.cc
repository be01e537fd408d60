#include "metrics/coco/coco_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <set>

#include "core/error.h"

namespace yoake::metrics {
namespace {

constexpr AreaRange kNothing = {1, 0};                                                  // No area lies in it.
constexpr std::size_t kPairs = 64;                                                      // Bits of a mask.
constexpr std::array<const char*, 4> kAreaNames = {"all", "small", "medium", "large"};  // As in CocoAreas().

// np.linspace(.5, .95, 10)
std::vector<double> DefaultThresholds() {
  std::vector<double> thresholds(10);
  for (std::size_t i = 0; i < 10; ++i) thresholds[i] = static_cast<double>(i) * ((.95 - .5) / 9) + .5;
  thresholds.back() = .95;
  return thresholds;
}

void Require(bool fine, const std::string& message) {
  if (!fine) throw Error(ErrorKind::kConfig, message);
}

void CheckAreas(const std::vector<NamedArea>& areas) {
  std::set<std::string> names;
  for (const NamedArea& area : areas) {
    const std::string where = "areas: '" + area.name + "': ";
    const bool word = !area.name.empty() &&
                      std::all_of(area.name.begin(), area.name.end(),
                                  [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
    Require(word, where + "expected a name of letters, digits, _ and -");
    Require(names.insert(area.name).second, where + "stands twice");
    Require(area.range.low >= 0 && area.range.low <= area.range.high && std::isfinite(area.range.high),
            fmt::format("{}expected 0 <= low <= high square pixels, got {} to {}", where, area.range.low,
                        area.range.high));
  }
}

}  // namespace

void CocoParams::Validate() const {
  CheckAreas(areas);
  const CocoParams full = Full();
  Require(full.iou_thresholds.size() * full.areas.size() <= kPairs,
          fmt::format("iou_thresholds: at most {} with {} areas, got {}", kPairs / full.areas.size(),
                      full.areas.size(), full.iou_thresholds.size()));
  for (std::size_t i = 0; i < iou_thresholds.size(); ++i) {
    Require(iou_thresholds[i] > 0 && iou_thresholds[i] <= 1 &&
                (i == 0 || iou_thresholds[i - 1] < iou_thresholds[i]),
            fmt::format("iou_thresholds: expected ascending numbers in (0, 1], got {} at [{}]",
                        iou_thresholds[i], i));
  }
  Require(!max_detections.empty(), "max_detections: at least one number");
  for (std::size_t i = 0; i < max_detections.size(); ++i) {
    Require(max_detections[i] >= 1 && (i == 0 || max_detections[i - 1] < max_detections[i]),
            fmt::format("max_detections: expected ascending numbers from 1, got {} at [{}]",
                        max_detections[i], i));
  }
}

CocoParams CocoParams::Full() const {
  CocoParams full = *this;
  const std::vector<AreaRange> default_areas = CocoAreas();
  if (full.iou_thresholds.empty()) full.iou_thresholds = DefaultThresholds();
  const bool has_all =
      std::any_of(areas.begin(), areas.end(), [](const NamedArea& area) { return area.name == "all"; });
  if (areas.empty()) {
    for (std::size_t a = 0; a < kAreaNames.size(); ++a) {
      full.areas.push_back({kAreaNames[a], default_areas[a]});
    }
  } else if (!has_all) {
    full.areas.insert(full.areas.begin(), {kAreaNames[0], default_areas[0]});
  }
  return full;
}

MatchGrid GridOf(const CocoParams& params) {
  MatchGrid grid;
  grid.iou_thresholds = params.iou_thresholds;
  for (const NamedArea& area : params.areas) grid.areas.push_back(area.range);
  grid.max_detections = params.max_detections.back();
  return grid;
}

MatchGrid GridOfColumns(const CocoParams& params) {
  CocoParams full = params.Full();
  for (const NamedArea& area : full.areas) {
    const bool known = std::find(kAreaNames.begin(), kAreaNames.end(), area.name) != kAreaNames.end();
    Require(known, "areas: '" + area.name + "': a comparison has columns of small, medium and large alone");
  }
  std::vector<NamedArea> areas;
  for (const char* name : kAreaNames) {
    const auto found = std::find_if(full.areas.begin(), full.areas.end(),
                                    [&](const NamedArea& area) { return area.name == name; });
    areas.push_back(found == full.areas.end() ? NamedArea{name, kNothing} : *found);
  }
  full.areas = std::move(areas);
  Require(full.iou_thresholds.size() * full.areas.size() <= kPairs,
          fmt::format("iou_thresholds: a comparison takes at most {}, got {}", kPairs / full.areas.size(),
                      full.iou_thresholds.size()));
  return GridOf(full);
}

}  // namespace yoake::metrics
