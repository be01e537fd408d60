#include "trainer/data/run_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "datasets/read.h"
#include "trainer/data/image_order.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

datasets::Dataset Load(const json& spec, const std::string& where,
                       const datasets::CocoOptions& options = {}) {
  const datasets::DatasetSpec parsed = datasets::ParseDatasetSpec(
      JsonReader(spec, "configuration", "$." + where), std::filesystem::current_path());
  for (const auto& file : parsed.annotations) {
    if (std::filesystem::is_regular_file(file)) continue;
    throw Error(ErrorKind::kData, where + ": there is no such annotation file (COCO JSON)", file.string());
  }
  datasets::Dataset dataset = datasets::ReadDataset(parsed, options);
  CheckImageFiles(dataset, where);
  return dataset;
}

const json& Required(const json& spec, const std::string& where) {
  if (!spec.is_null()) return spec;
  throw Error(ErrorKind::kConfig,
              "is required to train: a COCO annotation file, e.g. " + where + "=annotations/train.json",
              where);
}

EvaluationSet MakeEvaluationSet(datasets::Dataset truth, const std::vector<std::string>& names,
                                const std::string& where, std::vector<std::string>* warnings) {
  EvaluationSet set;
  set.categories = MatchCategories(names, truth, where);
  set.truth = std::move(truth);
  warnings->insert(warnings->end(), set.categories.warnings.begin(), set.categories.warnings.end());
  return set;
}

// "person.mAP_50": the category must be one of data.val's.
void CheckMetricCategory(const std::string& metric, const datasets::Dataset& val) {
  const std::size_t dot = metric.rfind('.');
  if (dot == std::string::npos) return;
  const std::string name = metric.substr(0, dot);
  std::vector<std::string> names;
  for (const datasets::Category& category : val.categories) names.push_back(category.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw Error(ErrorKind::kConfig, "data.val has no category '" + name + "'" + DidYouMean(name, names),
              "evaluation.metric");
}

}  // namespace

RunData LoadRunData(const TrainConfig& config) {
  RunData data;
  std::string first_bad_mask;
  int bad_masks = 0;
  datasets::CocoOptions options;
  options.masks = IsOn(config.augment.transforms.at("copy_paste"));  // What it cuts objects out along.
  options.masks_may_lack = true;
  options.on_bad_mask = [&](const Error& error) {
    if (bad_masks++ == 0) first_bad_mask = error.what();
  };
  const datasets::Dataset train = Load(Required(config.data_train, "data.train"), "data.train", options);
  data.name = train.name;
  data.categories = train.categories;
  data.train = MakeTrainingSet(train, "data.train");
  data.train.weights = RepeatFactors(data.train, config.oversample_thr);
  data.warnings = data.train.warnings;
  if (bad_masks > 0) {
    data.warnings.push_back(
        fmt::format("{} segmentations are no masks, copy_paste takes their boxes; the first: {}", bad_masks,
                    first_bad_mask));
  }

  datasets::Dataset val = Load(Required(config.data_val, "data.val"), "data.val");
  datasets::RequireUsable(val, "data.val");
  CheckMetricCategory(config.evaluation.metric, val);
  data.val = MakeEvaluationSet(std::move(val), data.train.categories, "data.val", &data.warnings);
  for (const auto& [name, spec] : config.tests) {
    const std::string where = "tests." + name;
    data.tests.emplace(name,
                       MakeEvaluationSet(Load(spec, where), data.train.categories, where, &data.warnings));
  }
  return data;
}

json ResolveDatasetPaths(const json& spec, const std::filesystem::path& base_folder,
                         const std::string& source, const std::string& where) {
  if (spec.is_null()) return spec;
  const datasets::DatasetSpec resolved =
      datasets::ParseDatasetSpec(JsonReader(spec, source, "$." + where), base_folder);
  const auto absolute = [](const std::vector<std::filesystem::path>& paths) {
    json list = json::array();
    for (const auto& path : paths) {
      list.push_back(std::filesystem::absolute(path).lexically_normal().string());
    }
    return list.size() == 1 ? list[0] : list;
  };
  if (!spec.is_object() && resolved.annotations.size() == 1) return absolute(resolved.annotations);
  json object = {{"annotations", absolute(resolved.annotations)}};
  if (!resolved.images.empty()) object["images"] = absolute(resolved.images);
  if (!resolved.name.empty()) object["name"] = resolved.name;
  if (!resolved.categories.empty()) object["categories"] = resolved.categories;
  return object;
}

}  // namespace yoake::trainer
