#include "metrics/analyses/score_bins.h"

#include <cstddef>

namespace yoake::metrics {
namespace {

void Add(const Outcome& outcome, ScoreBin* bin) {
  ++(outcome.true_positive ? bin->true_positives : bin->false_positives);
  bin->score_sum += outcome.score;
}

std::optional<double> PerDetection(double sum, int detections) {
  return detections > 0 ? std::optional(sum / detections) : std::nullopt;
}

}  // namespace

std::optional<double> ScoreBin::Precision() const { return PerDetection(true_positives, detections()); }

std::optional<double> ScoreBin::MeanScore() const { return PerDetection(score_sum, detections()); }

std::vector<ScoreBin> EqualWidthBins(const CategoryOutcomes& outcomes, double low, double high, int count) {
  std::vector<ScoreBin> bins(static_cast<std::size_t>(count));
  const auto edge = [&](std::size_t i) { return low + (high - low) * static_cast<double>(i) / count; };
  for (std::size_t i = 0; i < bins.size(); ++i) {
    bins[i].low = edge(i);
    bins[i].high = edge(i + 1);
  }
  bins.back().high = high;
  std::size_t at = bins.size() - 1;  // Scores fall, and so does their bin.
  for (const Outcome& outcome : outcomes.detections) {
    if (outcome.score > high || outcome.score < low) continue;
    while (outcome.score < bins[at].low) --at;
    Add(outcome, &bins[at]);
  }
  return bins;
}

std::vector<ScoreBin> EqualMassBins(const CategoryOutcomes& outcomes, double low, double high, int count) {
  std::vector<Outcome> inside;  // By rising score.
  for (auto it = outcomes.detections.rbegin(); it != outcomes.detections.rend(); ++it) {
    if (it->score >= low && it->score <= high) inside.push_back(*it);
  }
  std::vector<ScoreBin> bins;
  std::size_t begin = 0;
  for (int i = 1; i <= count; ++i) {
    std::size_t end = inside.size() * static_cast<std::size_t>(i) / static_cast<std::size_t>(count);
    while (end > 0 && end < inside.size() && inside[end].score == inside[end - 1].score) ++end;
    if (end <= begin) continue;
    ScoreBin bin;
    bin.low = inside[begin].score;
    bin.high = inside[end - 1].score;
    for (; begin < end; ++begin) Add(inside[begin], &bin);
    bins.push_back(bin);
  }
  return bins;
}

}  // namespace yoake::metrics
