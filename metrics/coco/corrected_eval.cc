#include "metrics/coco/corrected_eval.h"

#include <algorithm>
#include <array>
#include <utility>

namespace yoake::metrics {
namespace {

using datasets::Annotation;

struct Step {
  const char* what;
  bool Corrections::*correction;
  bool (*applies)(const datasets::Dataset& truth, const SetOptions& options);
};

template <typename Predicate>
bool Any(const datasets::Dataset& truth, Predicate predicate) {
  return std::any_of(truth.annotations.begin(), truth.annotations.end(), predicate);
}

constexpr std::array<Step, 5> kSteps = {{
    {"truth annotation id 0 is matched as any other", &Corrections::id_zero,
     [](const datasets::Dataset& truth, const SetOptions&) {
       return Any(truth, [](const Annotation& each) { return each.id == datasets::AnnotationId{0}; });
     }},
    {"truth marked `ignore` is neither found nor missed", &Corrections::ignore,
     [](const datasets::Dataset& truth, const SetOptions&) {
       return Any(truth, [](const Annotation& each) { return each.ignore; });
     }},
    {"truth without area is left out", &Corrections::flat_truth,
     [](const datasets::Dataset& truth, const SetOptions& options) {
       return options.masks != nullptr ||
              Any(truth, [](const Annotation& each) { return !(each.box.w > 0 && each.box.h > 0); });
     }},
    {"copies of a detection are left out", &Corrections::duplicates,
     [](const datasets::Dataset&, const SetOptions&) { return true; }},
    {"the area of a detected mask is its own, not its box's", &Corrections::mask_area,
     [](const datasets::Dataset&, const SetOptions& options) {
       return options.masks != nullptr && options.masks->boxes_given;
     }},
}};

Correction CorrectionOf(const char* what, const EvalResult& before, const EvalResult& after) {
  Correction correction = {what, {}};
  for (const std::string& column : ColumnNames(after)) {
    const auto old_value = MetricByName(before, column);
    const auto new_value = MetricByName(after, column);
    if (old_value != new_value) correction.changes.push_back({column, old_value, new_value});
  }
  return correction;
}

}  // namespace

EvalResult EvaluateCorrected(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                             SetOptions options, const CocoParams& params) {
  options.corrections = {};
  EvalResult result = EvaluateCoco(EvaluationSet(truth, detections, options), params);
  std::vector<Correction> corrections;
  for (const Step& step : kSteps) {
    if (!step.applies(truth, options)) continue;
    options.corrections.*step.correction = true;
    EvalResult next = EvaluateCoco(EvaluationSet(truth, detections, options), params);
    Correction correction = CorrectionOf(step.what, result, next);
    if (!correction.changes.empty()) corrections.push_back(std::move(correction));
    result = std::move(next);
  }
  result.corrections = std::move(corrections);
  return result;
}

}  // namespace yoake::metrics
