#include "metrics/analyses/detection_faults.h"

#include <algorithm>
#include <array>
#include <utility>

namespace yoake::metrics {
namespace {

class Judge {
 public:
  Judge(const ImageOverlaps& overlaps, const ErrorOptions& options)
      : overlaps_(overlaps),
        input_(overlaps.set().input()),
        options_(options),
        used_(input_.truth.annotations.size(), 0),
        explained_(input_.truth.annotations.size(), 0) {
    const std::size_t categories = overlaps.set().categories().size();
    faults_.truth.resize(categories);
    faults_.unmatched.resize(categories);
    faults_.missed.resize(categories);
  }

  DetectionFaults Run() {
    for (std::size_t image = 0; image < overlaps_.images(); ++image) JudgeImage(image);
    std::stable_sort(faults_.detections.begin(), faults_.detections.end(),
                     [](const JudgedDetection& a, const JudgedDetection& b) { return a.score > b.score; });
    return std::move(faults_);
  }

 private:
  void JudgeImage(std::size_t image) {
    const std::size_t first = overlaps_.FirstDetection(image);
    const std::size_t last =
        std::min(overlaps_.LastDetection(image), first + static_cast<std::size_t>(options_.max_detections));
    const std::size_t offset = faults_.detections.size();
    for (std::size_t d = first; d < last; ++d) faults_.detections.push_back(Match(d));
    // Only now is known what is used.
    for (std::size_t d = first; d < last; ++d) FindFault(d, &faults_.detections[offset + d - first]);
    for (const std::uint32_t truth : overlaps_.Truths(image)) CountTruth(truth);
  }

  bool IsOwn(const Overlap& overlap, std::uint32_t category) const {
    return input_.truth_keys[overlap.truth].category == category;
  }
  bool IsUncounted(const Overlap& overlap) const { return input_.IsUncounted(overlap.truth); }

  // The largest overlap with truth that `accept` takes, the first among equals.
  template <typename Accept>
  Overlap Largest(std::size_t detection, const Accept& accept) const {
    Overlap largest;
    for (const Overlap& overlap : overlaps_.Of(detection)) {
      if (overlap.iou > largest.iou && !IsUncounted(overlap) && accept(overlap)) largest = overlap;
    }
    return largest;
  }

  JudgedDetection Match(std::size_t detection) {
    JudgedDetection judged;
    judged.score = overlaps_.Score(detection);
    judged.category = overlaps_.Category(detection);
    const Overlap best = Largest(detection, [&](const Overlap& overlap) {
      return IsOwn(overlap, judged.category) && used_[overlap.truth] == 0;
    });
    judged.matched = best.iou >= options_.iou;
    if (judged.matched) used_[best.truth] = 1;
    const auto all = overlaps_.Of(detection);
    judged.excused = !judged.matched && std::any_of(all.begin(), all.end(), [&](const Overlap& overlap) {
      return IsUncounted(overlap) && IsOwn(overlap, judged.category) && overlap.iou > options_.iou;
    });
    return judged;
  }

  void FindFault(std::size_t detection, JudgedDetection* judged) {
    if (judged->matched) return;
    const Overlap own =
        Largest(detection, [&](const Overlap& overlap) { return IsOwn(overlap, judged->category); });
    const Overlap other =
        Largest(detection, [&](const Overlap& overlap) { return !IsOwn(overlap, judged->category); });
    if (own.iou >= options_.background_iou && own.iou <= options_.iou) {
      judged->fault = DetectionFault::kLocalisation;
      Explain(own.truth, judged);
    } else if (other.iou >= options_.iou) {
      judged->fault = DetectionFault::kClassification;
      Explain(other.truth, judged);
    } else if (own.iou >= options_.iou) {
      judged->fault = DetectionFault::kDuplicate;
    } else if (std::max(own.iou, other.iou) <= options_.background_iou) {
      judged->fault = DetectionFault::kBackground;
    } else {
      judged->fault = DetectionFault::kBoth;
    }
  }

  // Of the detections that could have found one truth the first, the one of the highest score, is mended.
  void Explain(std::uint32_t truth, JudgedDetection* judged) {
    if (used_[truth] != 0) return;
    if (explained_[truth] == 0) judged->mends = truth;
    explained_[truth] = 1;
  }

  void CountTruth(std::uint32_t truth) {
    if (input_.IsUncounted(truth)) return;
    const std::uint32_t category = input_.truth_keys[truth].category;
    ++faults_.truth[category];
    if (used_[truth] != 0) return;
    ++faults_.unmatched[category];
    if (explained_[truth] == 0) ++faults_.missed[category];
  }

  const ImageOverlaps& overlaps_;
  const MatchInput& input_;
  const ErrorOptions& options_;
  std::vector<char> used_;       // By annotation: matched by a detection of its category.
  std::vector<char> explained_;  // By annotation: a classification or localisation fault points at it.
  DetectionFaults faults_;
};

}  // namespace

std::string_view ToString(DetectionFault fault) {
  constexpr std::array<std::string_view, kDetectionFaults> kNames = {
      "classification", "localisation", "both", "duplicate", "background", "missed"};
  return kNames[static_cast<std::size_t>(fault)];
}

DetectionFaults FindFaults(const ImageOverlaps& overlaps, const ErrorOptions& options) {
  return Judge(overlaps, options).Run();
}

}  // namespace yoake::metrics
