#include "studies/test_scores.h"

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "datasets/read.h"
#include "metrics/coco/coco_eval.h"
#include "metrics/coco/eval_result.h"
#include "metrics/detections.h"

namespace yoake::studies {

const datasets::Dataset& TestScorer::Truth(const nlohmann::json& spec) {
  const std::string key = spec.dump();
  auto found = truths_.find(key);
  if (found == truths_.end()) {
    const auto parsed = datasets::ParseDatasetSpec(JsonReader(spec, "study", "$.tests"), "");
    found = truths_.emplace(key, datasets::ReadDataset(parsed)).first;
  }
  return found->second;
}

std::string TestScorer::Score(int number, const std::string& test, const nlohmann::json& spec,
                              const TrialStory& story) {
  const std::filesystem::path file = folder_.eval(number, test);
  if (std::filesystem::exists(file)) return "";
  if (!story.finished || !story.finished->detections.contains(test)) {
    return "the test set '" + test + "' has no score: the trainer named no detections for it";
  }
  try {
    metrics::CocoParams params;
    params.keep_arrays = false;
    const metrics::EvalResult result = metrics::EvaluateCoco(
        Truth(spec), metrics::ReadDetections(folder_.trial(number) / story.finished->detections.at(test)),
        params);
    WriteFileAtomically(file, metrics::ToJson(result).dump(1));
  } catch (const Error& error) {
    return "the test set '" + test + "' has no score: " + error.what();
  }
  return "";
}

nlohmann::json TestSummary(const StudyFolder& folder, int number) {
  nlohmann::json summary = nlohmann::json::object();
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder.trial(number) / "eval", none)) {
    if (entry.path().extension() != ".json") continue;
    const auto result = metrics::EvalResultFromJson(ParseJsonFile(entry.path()), entry.path().string());
    for (const char* metric : {"mAP", "mAP_50"}) {
      const auto value = metrics::MetricByName(result, metric);
      summary[entry.path().stem().string()][metric] = value ? nlohmann::json(*value) : nlohmann::json();
    }
  }
  return summary;
}

}  // namespace yoake::studies
