#include "metrics/coco/voc_ap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "metrics/matching/score_order.h"

namespace yoake::metrics {
namespace {

// Recall and precision after each detection that counts.
struct CurvePoint {
  double recall = 0;
  double precision = 0;
};

class VocMatcher {
 public:
  VocMatcher(const MatchInput& input, std::size_t category, double iou) : input_(input), iou_(iou) {
    for (const std::uint32_t index : input.truth_groups.Category(category)) {
      images_.push_back(input.truth_keys[index].image);
      shapes_.push_back(input.ShapeOfTruth(index));
      difficult_.push_back(shapes_.back().crowd || input.truth.annotations[index].ignore);
      shapes_.back().crowd = false;  // Plain intersection over union.
      truth_ += difficult_.back() ? 0 : 1;
    }
    found_.assign(shapes_.size(), false);
    ious_.resize(shapes_.size());
    const auto detections = input.detection_groups.Category(category);
    order_.assign(detections.begin(), detections.end());
    std::sort(order_.begin(), order_.end());  // File order.
  }

  int truth() const { return truth_; }

  std::vector<CurvePoint> Run() {
    std::vector<ScoredItem> items, scratch;
    for (const std::uint32_t index : order_)
      items.push_back({FallingKey(input_.detections[index].score), index});
    SortByKey(&items, &scratch);
    std::vector<CurvePoint> curve;
    int hits = 0, misses = 0;
    for (const ScoredItem& item : items) {
      const std::ptrdiff_t best = BestTruth(item.item);
      if (best >= 0 && difficult_[static_cast<std::size_t>(best)]) continue;
      const bool hit = best >= 0 && !found_[static_cast<std::size_t>(best)];
      if (hit) found_[static_cast<std::size_t>(best)] = true;
      ++(hit ? hits : misses);
      curve.push_back({static_cast<double>(hits) / truth_, static_cast<double>(hits) / (hits + misses)});
    }
    return curve;
  }

 private:
  // The truth that a detection overlaps most, if by enough; -1 otherwise.
  std::ptrdiff_t BestTruth(std::uint32_t index) {
    const std::uint32_t image = input_.detection_keys[index].image;
    const auto [begin, end] = std::equal_range(images_.begin(), images_.end(), image);
    const auto first = static_cast<std::size_t>(begin - images_.begin());
    const auto count = static_cast<std::size_t>(end - begin);
    if (count == 0) return -1;
    Overlaps(input_.ShapeOfDetection(index), std::span(shapes_).subspan(first, count), ious_.data());
    const auto best = std::max_element(ious_.begin(), ious_.begin() + static_cast<std::ptrdiff_t>(count));
    return *best >= iou_ ? static_cast<std::ptrdiff_t>(first) + (best - ious_.begin()) : -1;
  }

  const MatchInput& input_;
  double iou_;
  int truth_ = 0;
  std::vector<std::uint32_t> images_;  // Of each truth, ascending.
  std::vector<TruthShape> shapes_;
  std::vector<bool> difficult_;
  std::vector<bool> found_;
  std::vector<std::uint32_t> order_;
  std::vector<double> ious_;
};

VocAp ApOf(std::vector<CurvePoint> curve) {
  for (std::size_t i = curve.size(); i-- > 1;) {
    curve[i - 1].precision = std::max(curve[i - 1].precision, curve[i].precision);
  }
  double all = 0, recall = 0;
  for (const CurvePoint& point : curve) {
    all += (point.recall - recall) * point.precision;
    recall = point.recall;
  }
  double eleven = 0;
  for (int i = 0; i <= 10; ++i) {
    const auto reached = std::find_if(curve.begin(), curve.end(),
                                      [&](const CurvePoint& point) { return point.recall >= i / 10.0; });
    eleven += reached == curve.end() ? 0 : reached->precision;
  }
  return {eleven / 11, all};
}

ExtraColumn ColumnOf(const std::string& name, const std::vector<VocAp>& categories,
                     std::optional<double> VocAp::*value) {
  ExtraColumn column = {name, std::nullopt, {}};
  double sum = 0;
  int count = 0;
  for (const VocAp& category : categories) {
    column.per_category.push_back(category.*value);
    if (!(category.*value)) continue;
    sum += *(category.*value);
    ++count;
  }
  if (count > 0) column.all = sum / count;
  return column;
}

}  // namespace

std::vector<VocAp> EvaluateVoc(const EvaluationSet& set, double iou, int threads) {
  if (!(iou > 0 && iou <= 1)) {
    throw Error(ErrorKind::kConfig, fmt::format("VOC's IoU: expected a number in (0, 1], got {}", iou));
  }
  std::vector<VocAp> result(set.categories().size());
  ParallelFor(result.size(), threads, [&](std::size_t k) {
    VocMatcher matcher(set.input(), k, iou);
    if (matcher.truth() > 0) result[k] = ApOf(matcher.Run());
  });
  return result;
}

void AddVocColumns(const EvaluationSet& set, double iou, int threads, EvalResult* result) {
  const std::vector<VocAp> categories = EvaluateVoc(set, iou, threads);
  SetColumn(ColumnOf("VOC07", categories, &VocAp::eleven_point), result);
  SetColumn(ColumnOf("VOC12", categories, &VocAp::all_point), result);
}

}  // namespace yoake::metrics
