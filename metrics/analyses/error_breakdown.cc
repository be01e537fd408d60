#include "metrics/analyses/error_breakdown.h"

#include <algorithm>
#include <cstdint>

#include "metrics/analyses/average_precision.h"

namespace yoake::metrics {
namespace {

constexpr std::size_t Number(DetectionFault fault) { return static_cast<std::size_t>(fault); }

// What a detection counts as when something is mended: what a Mend makes of it. Nothing: it is left out.
struct Contribution {
  std::uint32_t category = 0;
  bool true_positive = false;
};

std::optional<Contribution> AsItIs(const JudgedDetection& judged) {
  if (judged.excused) return std::nullopt;
  return Contribution{judged.category, judged.matched};
}

using Value = std::optional<double>;
using CategoryPrecisions = std::vector<Value>;  // Absent: out of the mean.

template <typename Mend>
CategoryPrecisions Precisions(const DetectionFaults& faults, const Mend& mend,
                              const std::vector<int>& truth) {
  std::vector<std::vector<bool>> lists(truth.size());
  for (const JudgedDetection& judged : faults.detections) {
    if (const auto contribution = mend(judged)) {
      lists[contribution->category].push_back(contribution->true_positive);
    }
  }
  CategoryPrecisions precisions(truth.size());
  for (std::size_t k = 0; k < truth.size(); ++k) {
    if (faults.truth[k] == 0 || (truth[k] == 0 && lists[k].empty())) continue;
    precisions[k] = truth[k] == 0 ? 0 : AveragePrecision(lists[k], truth[k]);
  }
  return precisions;
}

Value MeanOf(const CategoryPrecisions& precisions) {
  double sum = 0;
  int count = 0;
  for (const auto& precision : precisions) {
    sum += precision.value_or(0);
    count += precision.has_value();
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

Value Gain(Value a, Value b) { return a && b ? std::optional(*a - *b) : std::nullopt; }

std::vector<int> Without(std::vector<int> truth, const std::vector<int>& taken_off) {
  for (std::size_t k = 0; k < truth.size(); ++k) truth[k] -= taken_off[k];
  return truth;
}

// Fills one column of the table: the gain over what is, by category and over all.
template <typename Column>
void SetGain(const CategoryPrecisions& mended, const Column& column, ErrorBreakdown* breakdown) {
  for (std::size_t k = 0; k < mended.size(); ++k) {
    column(breakdown->categories[k]) = Gain(mended[k], breakdown->categories[k].ap);
  }
  column(breakdown->all) = Gain(MeanOf(mended), breakdown->all.ap);
}

}  // namespace

ErrorBreakdown BreakDownErrors(const ImageOverlaps& overlaps, const ErrorOptions& options) {
  const DetectionFaults faults = FindFaults(overlaps, options);
  const std::vector<CellKey>& truth_keys = overlaps.set().input().truth_keys;
  ErrorBreakdown breakdown;
  breakdown.categories.resize(faults.truth.size());

  for (const JudgedDetection& judged : faults.detections) {
    if (!judged.matched) ++breakdown.categories[judged.category].counts[Number(judged.fault)];
  }
  for (std::size_t k = 0; k < faults.truth.size(); ++k) {
    auto& counts = breakdown.categories[k].counts;
    counts[Number(DetectionFault::kMissed)] = faults.missed[k];
    for (std::size_t fault = 0; fault < counts.size(); ++fault) breakdown.all.counts[fault] += counts[fault];
  }

  const CategoryPrecisions as_it_is = Precisions(faults, AsItIs, faults.truth);
  for (std::size_t k = 0; k < as_it_is.size(); ++k) breakdown.categories[k].ap = as_it_is[k];
  breakdown.all.ap = MeanOf(as_it_is);

  for (std::size_t fault = 0; fault < kDetectionFaults; ++fault) {
    const auto mend = [&](const JudgedDetection& judged) -> std::optional<Contribution> {
      if (judged.matched || Number(judged.fault) != fault) return AsItIs(judged);
      if (judged.mends == kNoPosition) return std::nullopt;
      return Contribution{truth_keys[judged.mends].category, true};
    };
    const bool missed = fault == Number(DetectionFault::kMissed);
    const CategoryPrecisions mended =
        Precisions(faults, mend, missed ? Without(faults.truth, faults.missed) : faults.truth);
    const auto gain = [&](ErrorEffects& row) -> Value& { return row.gain[fault]; };
    SetGain(mended, gain, &breakdown);
    // Where recall is read at 101 points, mending can cost a hair: the reference says 0.
    if (breakdown.all.gain[fault]) breakdown.all.gain[fault] = std::max(0.0, *breakdown.all.gain[fault]);
  }

  const auto no_false = [](const JudgedDetection& judged) {
    return judged.matched ? AsItIs(judged) : std::nullopt;
  };
  const auto precise = [](ErrorEffects& row) -> Value& { return row.gain_no_false_positives; };
  SetGain(Precisions(faults, no_false, faults.truth), precise, &breakdown);
  const auto complete = [](ErrorEffects& row) -> Value& { return row.gain_no_false_negatives; };
  SetGain(Precisions(faults, AsItIs, Without(faults.truth, faults.unmatched)), complete, &breakdown);
  return breakdown;
}

}  // namespace yoake::metrics
