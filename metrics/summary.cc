#include "metrics/summary.h"

#include <cmath>

namespace yoake::metrics {
namespace {

enum Area : std::size_t { kAll, kSmall, kMedium, kLarge };  // As in CocoAreas().

using Position = std::optional<std::size_t>;

template <typename T>
Position Find(const std::vector<T>& list, T value) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (std::abs(static_cast<double>(list[i] - value)) < 1e-12) return i;
  }
  return std::nullopt;
}

// Reads slices of one category's curves.
class Slices {
 public:
  Slices(const CategoryCurves& curves, std::size_t thresholds, std::size_t recalls, std::size_t areas,
         std::size_t limits)
      : curves_(curves), T_(thresholds), R_(recalls), A_(areas), M_(limits) {}

  // Over all recalls and thresholds, at the largest number of detections.
  Mean Precision(std::size_t area) const {
    Mean mean;
    for (std::size_t t = 0; t < T_; ++t) mean.Add(PrecisionAt(area, t));
    return mean;
  }

  Mean PrecisionAt(std::size_t area, Position t) const {
    Mean mean;
    for (std::size_t r = 0; t && r < R_; ++r) {
      Take(curves_.precision[((*t * R_ + r) * A_ + area) * M_ + M_ - 1], &mean);
    }
    return mean;
  }

  Mean Recall(std::size_t area, Position limit) const {
    Mean mean;
    for (std::size_t t = 0; limit && t < T_; ++t) Take(curves_.recall[(t * A_ + area) * M_ + *limit], &mean);
    return mean;
  }

 private:
  static void Take(double value, Mean* mean) {
    if (value > -1) mean->Add({value, 1});
  }

  const CategoryCurves& curves_;
  std::size_t T_, R_, A_, M_;
};

}  // namespace

ColumnMeans Summarize(const CategoryCurves& curves, const MatchGrid& grid, std::size_t recalls,
                      const std::vector<int>& max_detections) {
  const Slices slices(curves, grid.iou_thresholds.size(), recalls, grid.areas.size(), max_detections.size());
  const Position last = max_detections.size() - 1;
  return {slices.Precision(kAll),
          slices.PrecisionAt(kAll, Find(grid.iou_thresholds, .5)),
          slices.PrecisionAt(kAll, Find(grid.iou_thresholds, .75)),
          slices.Precision(kSmall),
          slices.Precision(kMedium),
          slices.Precision(kLarge),
          slices.Recall(kAll, Find(max_detections, 1)),
          slices.Recall(kAll, Find(max_detections, 10)),
          slices.Recall(kAll, Find(max_detections, 100)),
          slices.Recall(kSmall, last),
          slices.Recall(kMedium, last),
          slices.Recall(kLarge, last)};
}

void SetColumns(const ColumnMeans& means, CategoryRow* row) {
  const std::array columns = {&row->mAP,  &row->mAP_50, &row->mAP_75, &row->mAP_s, &row->mAP_m, &row->mAP_l,
                              &row->AR_1, &row->AR_10,  &row->AR_100, &row->AR_s,  &row->AR_m,  &row->AR_l};
  for (std::size_t i = 0; i < columns.size(); ++i) *columns[i] = means[i].value();
}

void SetColumns(const ColumnMeans& means, CocoStats* stats) {
  const std::array columns = {&stats->AP,    &stats->AP50, &stats->AP75, &stats->APs,
                              &stats->APm,   &stats->APl,  &stats->AR1,  &stats->AR10,
                              &stats->AR100, &stats->ARs,  &stats->ARm,  &stats->ARl};
  for (std::size_t i = 0; i < columns.size(); ++i) *columns[i] = means[i].value();
}

}  // namespace yoake::metrics
