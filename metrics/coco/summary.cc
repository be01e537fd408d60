#include "metrics/coco/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace yoake::metrics {
namespace {

using Of = SummaryColumn::Of;

// Builds the list of columns.
class ColumnList {
 public:
  explicit ColumnList(const CocoParams& params) : params_(params) {}

  // The mean over all thresholds.
  void AddPrecision(const std::string& name, std::string_view area) {
    Add(name, Of::kPrecision, area, 0, params_.iou_thresholds.size(), Last());
  }

  void AddPrecisionAt(const std::string& name, double threshold) {
    const auto& all = params_.iou_thresholds;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](double each) { return std::abs(each - threshold) < 1e-12; });
    const auto t = static_cast<std::size_t>(found - all.begin());
    Add(name, found == all.end() ? Of::kNothing : Of::kPrecision, "all", t, t + 1, Last());
  }

  void AddRecall(const std::string& name, std::string_view area) {
    Add(name, Of::kRecall, area, 0, params_.iou_thresholds.size(), Last());
  }

  void AddRecallAt(const std::string& name, int max_detections) {
    const auto& all = params_.max_detections;
    const auto found = std::find(all.begin(), all.end(), max_detections);
    Add(name, found == all.end() ? Of::kNothing : Of::kRecall, "all", 0, params_.iou_thresholds.size(),
        static_cast<std::size_t>(found - all.begin()));
  }

  bool Has(std::string_view name) const {
    return std::any_of(list_.begin(), list_.end(), [&](const auto& column) { return column.name == name; });
  }

  std::vector<SummaryColumn> Finish() { return std::move(list_); }

 private:
  std::size_t Last() const { return params_.max_detections.size() - 1; }

  void Add(const std::string& name, Of of, std::string_view area, std::size_t threshold_begin,
           std::size_t threshold_end, std::size_t limit) {
    const auto found = std::find_if(params_.areas.begin(), params_.areas.end(),
                                    [&](const NamedArea& each) { return each.name == area; });
    if (found == params_.areas.end()) of = Of::kNothing;
    list_.push_back({name, of, static_cast<std::size_t>(found - params_.areas.begin()), threshold_begin,
                     threshold_end, limit});
  }

  const CocoParams& params_;
  std::vector<SummaryColumn> list_;
};

constexpr std::array<std::pair<const char*, const char*>, 3> kSizes = {
    {{"s", "small"}, {"m", "medium"}, {"l", "large"}}};

// "30" of .3, "52_5" of .525: a dot would part a category from a column.
std::string Percent(double threshold) {
  std::string text = fmt::format("{:g}", threshold * 100);
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

void Take(double value, Mean* mean) {
  if (value > -1) mean->Add({value, 1});
}

// Threshold by threshold: the order of adding decides the last bit.
Mean MeanPrecision(const CategoryCurves& curves, const SummaryColumn& column) {
  const std::size_t P = curves.curve_limits;
  Mean mean;
  for (std::size_t t = column.threshold_begin; t < column.threshold_end; ++t) {
    Mean at_threshold;
    for (std::size_t r = 0; r < curves.recalls; ++r) {
      const std::size_t curve = (t * curves.recalls + r) * curves.areas + column.area;
      Take(curves.precision[curve * P + P - 1], &at_threshold);
    }
    mean.Add(at_threshold);
  }
  return mean;
}

Mean MeanRecall(const CategoryCurves& curves, const SummaryColumn& column) {
  Mean mean;
  for (std::size_t t = column.threshold_begin; t < column.threshold_end; ++t) {
    Take(curves.recall[(t * curves.areas + column.area) * curves.limits + column.limit], &mean);
  }
  return mean;
}

}  // namespace

std::vector<SummaryColumn> SummaryColumns(const CocoParams& params, bool own_thresholds) {
  ColumnList list(params);
  list.AddPrecision("mAP", "all");
  list.AddPrecisionAt("mAP_50", .5);
  list.AddPrecisionAt("mAP_75", .75);
  for (const auto& [letter, area] : kSizes) list.AddPrecision(std::string("mAP_") + letter, area);
  for (const int limit : {1, 10, 100}) list.AddRecallAt(fmt::format("AR_{}", limit), limit);
  for (const auto& [letter, area] : kSizes) list.AddRecall(std::string("AR_") + letter, area);
  for (const double threshold : params.iou_thresholds) {
    const std::string name = "mAP_" + Percent(threshold);
    if (own_thresholds && !list.Has(name)) list.AddPrecisionAt(name, threshold);
  }
  for (const NamedArea& area : params.areas) {
    if (area.name == "all" || area.name == "small" || area.name == "medium" || area.name == "large") continue;
    list.AddPrecision("mAP_" + area.name, area.name);
    list.AddRecall("AR_" + area.name, area.name);
  }
  for (const int limit : params.max_detections) {
    const std::string name = fmt::format("AR_{}", limit);
    if (!list.Has(name)) list.AddRecallAt(name, limit);
  }
  return list.Finish();
}

std::vector<Mean> Summarize(const CategoryCurves& curves, const std::vector<SummaryColumn>& columns) {
  std::vector<Mean> means;
  for (const SummaryColumn& column : columns) {
    if (column.of == Of::kPrecision) {
      means.push_back(MeanPrecision(curves, column));
    } else if (column.of == Of::kRecall) {
      means.push_back(MeanRecall(curves, column));
    } else {
      means.emplace_back();
    }
  }
  return means;
}

void SetColumns(const std::vector<SummaryColumn>& columns, const std::vector<Mean>& overall,
                const std::vector<std::vector<Mean>>& per_category, EvalResult* result) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    ExtraColumn extra = {columns[c].name, overall[c].value(), {}};
    for (const std::vector<Mean>& means : per_category) extra.per_category.push_back(means[c].value());
    SetColumn(std::move(extra), result);
  }
}

}  // namespace yoake::metrics
