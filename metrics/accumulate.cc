#include "metrics/accumulate.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace yoake::metrics {
namespace {

constexpr double kSpacingOfOne = std::numeric_limits<double>::epsilon();  // np.spacing(1)

// A true positive on the way down the list. Precision rises nowhere else and recall steps nowhere else, so
// the other detections need not be kept.
struct Hit {
  std::uint32_t counted = 0;  // True and false positives so far, this one included.
  double score = 0;
};

// The hits of each threshold for one area range and one limit of detections per image.
struct Hits {
  std::vector<std::vector<Hit>> by_threshold;
  bool any_detection = false;
  double first_score = 0;  // Of the best detection, ignored or not.
};

void CollectHits(const MatchedCategory& matched, const MatchGrid& grid, int area, int limit, Hits* hits) {
  const int thresholds = grid.thresholds();
  const int shift = grid.bit(area, 0);
  const std::uint64_t every = ~std::uint64_t{0} >> (64 - thresholds);
  std::vector<std::uint32_t> extra(static_cast<std::size_t>(thresholds), 0);
  for (auto& list : hits->by_threshold) list.clear();
  hits->any_detection = false;
  std::uint32_t false_everywhere = 0;
  for (const MatchedDetection& detection : matched.detections) {
    if (detection.rank >= static_cast<std::uint32_t>(limit)) continue;
    if (!hits->any_detection) hits->first_score = detection.score;
    hits->any_detection = true;
    const std::uint64_t positive = detection.true_positive >> shift & every;
    const std::uint64_t ignored = detection.ignored >> shift & every;
    if (ignored == every) continue;
    if ((positive | ignored) == 0) {
      ++false_everywhere;
      continue;
    }
    for (int t = 0; t < thresholds; ++t) {
      if (ignored >> t & 1) continue;
      ++extra[t];
      if (positive >> t & 1) hits->by_threshold[t].push_back({false_everywhere + extra[t], detection.score});
    }
  }
}

// The interpolated curve of one threshold, written with a stride. `truth` > 0.
class CurveWriter {
 public:
  explicit CurveWriter(const std::vector<double>& recall_thresholds) : recalls_(recall_thresholds) {}

  void Write(const Hits& hits, const std::vector<Hit>& list, std::uint32_t truth, std::size_t stride,
             double* precision, double* scores) {
    FindEnvelope(list);
    const double n = truth;
    std::size_t k = 0;  // Hits before the one that reaches the recall.
    for (std::size_t r = 0; r < recalls_.size(); ++r) {
      const double wanted = recalls_[r];
      double* const p = precision + r * stride;
      double* const s = scores + r * stride;
      if (wanted <= 0) {  // The first detection reaches it, whatever it is.
        *p = list.empty() ? 0 : envelope_.front();
        *s = hits.any_detection ? hits.first_score : 0;
        continue;
      }
      // searchsorted(tp / n, wanted, 'left'); the guess is a step low at most, the division decides.
      k = std::max(k, static_cast<std::size_t>(std::max(0.0, std::ceil(wanted * n) - 2)));
      while (k < list.size() && static_cast<double>(k + 1) / n < wanted) ++k;
      *p = k < list.size() ? envelope_[k] : 0;
      *s = k < list.size() ? list[k].score : 0;
    }
  }

 private:
  // envelope_[k] = the best precision at hit k or later: tp / (fp + tp + eps), made monotone.
  void FindEnvelope(const std::vector<Hit>& list) {
    envelope_.resize(list.size());
    for (std::size_t k = 0; k < list.size(); ++k) {
      envelope_[k] = static_cast<double>(k + 1) / (static_cast<double>(list[k].counted) + kSpacingOfOne);
    }
    for (std::size_t k = list.size(); k-- > 1;) envelope_[k - 1] = std::max(envelope_[k - 1], envelope_[k]);
  }

  const std::vector<double>& recalls_;
  std::vector<double> envelope_;
};

}  // namespace

std::vector<double> CocoRecallThresholds() {
  std::vector<double> recalls(101);
  for (std::size_t i = 0; i < recalls.size(); ++i) recalls[i] = static_cast<double>(i) * (1.0 / 100);
  recalls.back() = 1;
  return recalls;
}

CategoryCurves Accumulate(const MatchedCategory& matched, const MatchGrid& grid,
                          const std::vector<double>& recall_thresholds,
                          const std::vector<int>& max_detections) {
  const std::size_t T = grid.iou_thresholds.size();
  const std::size_t R = recall_thresholds.size();
  const std::size_t A = grid.areas.size();
  const std::size_t M = max_detections.size();
  CategoryCurves curves;
  curves.precision.assign(T * R * A * M, -1);
  curves.scores.assign(T * R * A * M, -1);
  curves.recall.assign(T * A * M, -1);

  std::vector<std::uint32_t> truth(A, 0);
  for (std::size_t i = 0; i < matched.truth_counts.size(); ++i) truth[i % A] += matched.truth_counts[i];

  Hits hits;
  hits.by_threshold.resize(T);
  CurveWriter writer(recall_thresholds);
  for (std::size_t a = 0; a < A; ++a) {
    if (truth[a] == 0) continue;
    for (std::size_t m = 0; m < M; ++m) {
      CollectHits(matched, grid, static_cast<int>(a), max_detections[m], &hits);
      for (std::size_t t = 0; t < T; ++t) {
        const std::vector<Hit>& list = hits.by_threshold[t];
        curves.recall[(t * A + a) * M + m] = static_cast<double>(list.size()) / truth[a];
        const std::size_t first = (t * R * A + a) * M + m;
        writer.Write(hits, list, truth[a], A * M, &curves.precision[first], &curves.scores[first]);
      }
    }
  }
  return curves;
}

}  // namespace yoake::metrics
