#include "metrics/analyses/confusion.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace yoake::metrics {
namespace {

class Matcher {
 public:
  Matcher(const ImageOverlaps& overlaps, double iou)
      : overlaps_(overlaps),
        input_(overlaps.set().input()),
        iou_(std::min(iou, 1 - 1e-10)),
        taken_(input_.truth.annotations.size(), 0) {}

  bool taken(std::uint32_t truth) const { return taken_[truth] != 0; }

  // The truth that `detection` takes.
  std::optional<std::uint32_t> Take(std::size_t detection) {
    const std::uint32_t category = overlaps_.Category(detection);
    const Overlap* best = nullptr;
    for (const Overlap& overlap : overlaps_.Of(detection)) {
      if (overlap.iou < iou_ || input_.IsUncounted(overlap.truth) || taken(overlap.truth)) continue;
      const bool equal = best != nullptr && overlap.iou == best->iou;
      const bool from_own_to_other = equal && input_.truth_keys[best->truth].category == category &&
                                     input_.truth_keys[overlap.truth].category != category;
      if (best == nullptr || overlap.iou > best->iou || (equal && !from_own_to_other)) best = &overlap;
    }
    if (best == nullptr) return std::nullopt;
    taken_[best->truth] = 1;
    return best->truth;
  }

  bool FindsUncounted(std::size_t detection) const {
    const auto overlaps = overlaps_.Of(detection);
    return std::any_of(overlaps.begin(), overlaps.end(), [&](const Overlap& overlap) {
      return overlap.iou >= iou_ && input_.IsUncounted(overlap.truth) &&
             input_.truth_keys[overlap.truth].category == overlaps_.Category(detection);
    });
  }

 private:
  const ImageOverlaps& overlaps_;
  const MatchInput& input_;
  double iou_;
  std::vector<char> taken_;  // By annotation.
};

}  // namespace

int ConfusionMatrix::TruthBoxes(std::size_t truth) const {
  int sum = 0;
  for (std::size_t predicted = 0; predicted <= categories_; ++predicted) sum += At(truth, predicted);
  return sum;
}

ConfusionMatrix FindConfusion(const ImageOverlaps& overlaps, double iou, double score_threshold) {
  const MatchInput& input = overlaps.set().input();
  ConfusionMatrix matrix(overlaps.set().categories().size());
  Matcher matcher(overlaps, iou);
  for (std::size_t image = 0; image < overlaps.images(); ++image) {
    for (std::size_t d = overlaps.FirstDetection(image); d < overlaps.LastDetection(image); ++d) {
      if (overlaps.Score(d) < score_threshold) break;
      if (const auto truth = matcher.Take(d)) {
        matrix.Add(input.truth_keys[*truth].category, overlaps.Category(d));
      } else if (!matcher.FindsUncounted(d)) {
        matrix.Add(matrix.background(), overlaps.Category(d));
      }
    }
    for (const std::uint32_t truth : overlaps.Truths(image)) {
      if (matcher.taken(truth) || input.IsUncounted(truth)) continue;
      matrix.Add(input.truth_keys[truth].category, matrix.background());
    }
  }
  return matrix;
}

std::vector<Mistake> MixedUpCategories(const ConfusionMatrix& matrix) {
  std::vector<Mistake> mistakes;
  for (std::size_t truth = 0; truth < matrix.categories(); ++truth) {
    for (std::size_t predicted = 0; predicted < matrix.categories(); ++predicted) {
      const int count = matrix.At(truth, predicted);
      if (truth != predicted && count > 0) mistakes.push_back({truth, predicted, count});
    }
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.count > b.count; });
  return mistakes;
}

}  // namespace yoake::metrics
