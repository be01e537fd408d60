#include "metrics/coco/accumulate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace yoake::metrics {
namespace {

// A true positive on the way down the list. Precision rises nowhere else and recall steps nowhere else, so
// the other detections need only be counted.
struct Hit {
  std::uint32_t counted = 0;  // True and false positives so far, this one included.
  double score = 0;
};

// Walks down the detections of a category once, for all areas, thresholds and limits. A count at a limit is
// the sum over it and the limits below, so each detection is counted once: at the lowest that lets it pass.
class HitCollector {
 public:
  // Hits are kept for the `curve_limits` largest limits, for the others they are only counted.
  HitCollector(const MatchGrid& grid, const std::vector<int>& max_detections, std::size_t curve_limits)
      : grid_(grid),
        first_curve_(max_detections.size() - curve_limits),
        limits_(max_detections),
        T_(grid.iou_thresholds.size()),
        M_(max_detections.size()),
        every_(~std::uint64_t{0} >> (64 - grid.thresholds())),
        counted_everywhere_(grid.areas.size() * M_, 0),
        counted_(grid.areas.size() * M_ * T_, 0),
        found_(grid.areas.size() * M_ * T_, 0),
        hits_(grid.areas.size() * M_ * T_) {
    for (int a = 0; a < static_cast<int>(grid.areas.size()); ++a)
      not_last_ |= (every_ >> 1) << grid.bit(a, 0);
  }

  void Collect(const MatchedCategory& matched) {
    for (const MatchedDetection& detection : matched.detections) {
      std::size_t m = 0;
      while (m < M_ && detection.rank >= static_cast<std::uint32_t>(limits_[m])) ++m;
      if (m == M_) continue;
      if (detection.true_positive == 0 && CountFalse(detection, m)) continue;
      for (std::size_t a = 0; a < grid_.areas.size(); ++a) Count(detection, a, m);
    }
  }

  // How many, of one area, limit and threshold.
  std::uint32_t Found(std::size_t a, std::size_t m, std::size_t t) const {
    return found_[(a * M_ + m) * T_ + t];
  }

  // They themselves, by falling score.
  const std::vector<Hit>& Hits(std::size_t a, std::size_t m, std::size_t t) const {
    return hits_[(a * M_ + m) * T_ + t];
  }

 private:
  // What most detections are: false in some areas, ignored in the others, at every threshold. Counts nothing
  // and returns false where thresholds differ.
  bool CountFalse(const MatchedDetection& detection, std::size_t m) {
    const std::uint64_t counts = ~detection.ignored;
    if (((counts ^ (counts >> 1)) & not_last_) != 0) return false;
    for (std::size_t a = 0; a < grid_.areas.size(); ++a) {
      const std::uint64_t here = counts >> grid_.bit(static_cast<int>(a), 0);
      counted_everywhere_[a * M_ + m] += static_cast<std::uint32_t>(here & 1);
    }
    return true;
  }

  void Count(const MatchedDetection& detection, std::size_t a, std::size_t m) {
    const int shift = grid_.bit(static_cast<int>(a), 0);
    const std::uint64_t positive = detection.true_positive >> shift & every_;
    const std::uint64_t counts = ~(detection.ignored >> shift) & every_;
    if (counts == 0) return;
    if (positive == 0 && counts == every_) {
      ++counted_everywhere_[a * M_ + m];
      return;
    }
    for (std::uint64_t rest = counts; rest != 0; rest &= rest - 1) {
      const auto t = static_cast<std::size_t>(std::countr_zero(rest));
      ++counted_[(a * M_ + m) * T_ + t];
      if ((positive >> t & 1) != 0) AddHit(detection.score, a, m, t);
    }
  }

  void AddHit(double score, std::size_t a, std::size_t first, std::size_t t) {
    std::uint32_t counted = 0;
    for (std::size_t m = 0; m < M_; ++m) {
      const std::size_t here = (a * M_ + m) * T_ + t;
      counted += counted_everywhere_[a * M_ + m] + counted_[here];
      if (m < first) continue;
      ++found_[here];
      if (m >= first_curve_) hits_[here].push_back({counted, score});
    }
  }

  const MatchGrid& grid_;
  std::size_t first_curve_;
  const std::vector<int>& limits_;
  std::size_t T_, M_;
  std::uint64_t every_;         // Threshold, of one area.
  std::uint64_t not_last_ = 0;  // The pairs of area and threshold behind which another of the area stands.
  std::vector<std::uint32_t> counted_everywhere_;  // [A, M] at every threshold.
  std::vector<std::uint32_t> counted_;             // [A, M, T] besides.
  std::vector<std::uint32_t> found_;               // [A, M, T] hits.
  std::vector<std::vector<Hit>> hits_;             // [A, M, T]
};

// For each recall the number of hits that stay below it: searchsorted(tp / n, recall, 'left'). `truth` > 0.
std::vector<std::size_t> HitsBelow(const std::vector<double>& recalls, std::uint32_t truth) {
  const double n = truth;
  std::vector<std::size_t> below;
  std::size_t k = 0;
  for (const double recall : recalls) {
    // The guess is a step low at most, the division decides.
    k = std::max(k, static_cast<std::size_t>(std::max(0.0, std::ceil(recall * n) - 2)));
    while (static_cast<double>(k + 1) / n < recall) ++k;
    below.push_back(k);
  }
  return below;
}

// The interpolated curve: where a recall is reached, the best precision there or later, tp / (fp + tp + eps);
// 0 where it is not. Written with a stride.
void WriteCurve(const std::vector<Hit>& hits, const std::vector<std::size_t>& below, std::size_t stride,
                double* precision, double* scores) {
  std::size_t r = below.size();
  while (r > 0 && below[r - 1] >= hits.size()) {
    --r;
    precision[r * stride] = 0;
    if (scores != nullptr) scores[r * stride] = 0;
  }
  double best = 0;
  for (std::size_t k = hits.size(); r > 0; --k) {
    best =
        std::max(best, static_cast<double>(k) / (static_cast<double>(hits[k - 1].counted) + kSpacingOfOne));
    for (; r > 0 && below[r - 1] == k - 1; --r) {
      precision[(r - 1) * stride] = best;
      if (scores != nullptr) scores[(r - 1) * stride] = hits[k - 1].score;
    }
  }
}

}  // namespace

std::vector<double> CocoRecallThresholds() {
  std::vector<double> recalls(101);
  for (std::size_t i = 0; i < recalls.size(); ++i) recalls[i] = static_cast<double>(i) * (1.0 / 100);
  recalls.back() = 1;
  return recalls;
}

CategoryCurves Accumulate(const MatchedCategory& matched, const MatchGrid& grid,
                          const std::vector<double>& recall_thresholds,
                          const std::vector<int>& max_detections, CurveChoice choice) {
  const bool everything = choice == CurveChoice::kEverything;
  CategoryCurves curves;
  const std::size_t T = curves.thresholds = grid.iou_thresholds.size();
  const std::size_t R = curves.recalls = recall_thresholds.size();
  const std::size_t A = curves.areas = grid.areas.size();
  const std::size_t M = curves.limits = max_detections.size();
  const std::size_t P = curves.curve_limits = everything ? M : 1;
  curves.precision.assign(T * R * A * P, -1);
  if (everything) curves.scores.assign(T * R * A * P, -1);
  curves.recall.assign(T * A * M, -1);

  std::vector<std::uint32_t> truth(A, 0);
  for (std::size_t i = 0; i < matched.truth_counts.size(); ++i) truth[i % A] += matched.truth_counts[i];
  if (std::all_of(truth.begin(), truth.end(), [](std::uint32_t count) { return count == 0; })) return curves;

  HitCollector collector(grid, max_detections, P);
  collector.Collect(matched);
  for (std::size_t a = 0; a < A; ++a) {
    if (truth[a] == 0) continue;
    const std::vector<std::size_t> below = HitsBelow(recall_thresholds, truth[a]);
    for (std::size_t t = 0; t < T; ++t) {
      for (std::size_t m = 0; m < M; ++m) {
        curves.recall[(t * A + a) * M + m] = static_cast<double>(collector.Found(a, m, t)) / truth[a];
        if (m + P < M) continue;
        const std::size_t first = (t * R * A + a) * P + (m + P - M);
        double* const scores = everything ? &curves.scores[first] : nullptr;
        WriteCurve(collector.Hits(a, m, t), below, A * P, &curves.precision[first], scores);
        // Recall 0 is reached by the first detection, whatever it is.
        if (everything && recall_thresholds.front() <= 0 && !matched.detections.empty()) {
          *scores = matched.detections.front().score;
        }
      }
    }
  }
  return curves;
}

}  // namespace yoake::metrics
