#include "metrics/uncertainty/baseline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "datasets/sha256.h"
#include "metrics/coco/eval_result.h"
#include "metrics/uncertainty/packed_matches.h"
#include "metrics/uncertainty/reweighted_ap.h"

namespace yoake::metrics {
namespace {

constexpr char kFormatKey[] = "yoake_baseline";
constexpr int kFormat = 1;

// What of the options tells one matching from another, as text; empty for pycocotools' own.
std::string Describe(const MatchOptions& options) {
  const MatchGrid grid = GridOfColumns(options.params), usual = GridOfColumns({});
  std::string text;
  if (options.masks) text += "masks;";
  if (options.set.class_agnostic) text += "class-agnostic;";
  if (options.set.corrections != Corrections()) text += "corrected;";
  if (grid.iou_thresholds != usual.iou_thresholds)
    text += fmt::format("{};", fmt::join(grid.iou_thresholds, " "));
  for (std::size_t a = 0; a < grid.areas.size(); ++a) {
    if (grid.areas[a] != usual.areas[a])
      text += fmt::format("{} {} {};", a, grid.areas[a].low, grid.areas[a].high);
  }
  return text;
}

// Equal for truths that match every detection alike: ids, categories, boxes, areas, crowds; not for names.
// `matched`: the images and categories that take part.
std::string Fingerprint(const datasets::Dataset& truth, const MatchedSet& matched,
                        const MatchOptions& options) {
  datasets::Sha256 hash;
  hash.Update(Describe(options));
  if (matched.images.size() != truth.images.size())
    hash.Update(fmt::format("{};", fmt::join(matched.images, " ")));
  if (matched.categories.size() != truth.categories.size()) {
    for (const MatchedSetCategory& category : matched.categories) {
      hash.Update(fmt::format("k{};", static_cast<std::int64_t>(category.id)));
    }
  }
  for (const datasets::Image& image : truth.images)
    hash.Update(fmt::format("i{};", static_cast<std::int64_t>(image.id)));
  for (const datasets::Category& category : truth.categories) {
    hash.Update(fmt::format("c{};", static_cast<std::int64_t>(category.id)));
  }
  for (const datasets::Annotation& a : truth.annotations) {
    hash.Update(fmt::format("a{} {} {} {} {} {} {} {} {};", static_cast<std::int64_t>(a.id),
                            static_cast<std::int64_t>(a.image_id), static_cast<std::int64_t>(a.category_id),
                            a.box.x, a.box.y, a.box.w, a.box.h, a.area, a.crowd));
    if (options.set.corrections.ignore && a.ignore) hash.Update("ignore;");
  }
  if (options.masks) {
    for (const datasets::Mask& mask : truth.masks) {
      hash.Update(fmt::format("m{} {} {};", mask.height, mask.width, fmt::join(mask.runs, " ")));
    }
  }
  return hash.HexDigest();
}

// The columns as they are now, for the reader of the file; nothing reads them back.
nlohmann::json Numbers(const LaneMeans& means) {
  nlohmann::json numbers = nlohmann::json::object();
  for (std::size_t c = 0; c < kColumns; ++c) {
    const double count = means.count[c][0];
    numbers[MetricNames()[c]] = count > 0 ? nlohmann::json(means.sum[c][0] / count) : nlohmann::json(nullptr);
  }
  return numbers;
}

// The truth's side of a matching, without detections.
MatchedSet MatchNothing(const datasets::Dataset& truth, const MatchOptions& options) {
  const DetectionMasks no_masks;
  SetOptions set = options.set;
  if (options.masks) set.masks = &no_masks;
  return MatchCoco(EvaluationSet(truth, {}, set), options.params);
}

MatchedSet FromOurs(const JsonReader& reader, const datasets::Dataset& truth, const MatchOptions& options) {
  if (reader.At(kFormatKey).AsInt() != kFormat) {
    reader.At(kFormatKey).Fail(fmt::format("format {} is needed; write the baseline again", kFormat));
  }
  MatchedSet set = MatchNothing(truth, options);
  if (reader.At("truth_sha256").AsString() != Fingerprint(truth, set, options)) {
    throw Error(
        ErrorKind::kData,
        "the baseline was measured against another truth (its boxes or images have changed since) or with "
        "other options; write it again with --update-baseline",
        reader.source());
  }
  const auto categories = reader.At("per_category").AsArray();
  if (categories.size() != set.categories.size())
    reader.At("per_category").Fail("not the truth's categories");
  for (std::size_t k = 0; k < categories.size(); ++k) {
    if (categories[k].At("category_id").AsInt() != static_cast<std::int64_t>(set.categories[k].id)) {
      categories[k].Fail("not the truth's category");
    }
    try {
      set.categories[k].matched.detections =
          UnpackMatches(categories[k].At("matches").AsString(), set.images.size());
    } catch (const Error& error) {
      throw Error(error.kind(), error.message(), categories[k].where());
    }
  }
  return set;
}

// The names that `yoake eval --json` gives its numbers, or a flat object of names.
Floors FloorsOf(const JsonReader& reader) {
  Floors floors;
  if (reader.Has("stats")) {
    const EvalResult result = EvalResultFromJson(reader.value(), reader.source());
    for (const std::string& column : MetricNames()) {
      if (const auto value = MetricByName(result, column)) floors[column] = *value;
      for (const CategoryRow& row : result.per_category) {
        if (const auto value = MetricOfCategory(row, column)) floors[row.category + "." + column] = *value;
      }
    }
  } else {
    for (const auto& [name, value] : reader.AsMap()) floors[name] = value.AsDouble();
  }
  return floors;
}

}  // namespace

bool IsDetectionsFile(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return false;
  const std::string text = ReadFile(file);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '[';
}

Baseline ReadBaseline(const std::filesystem::path& file, const datasets::Dataset& truth,
                      const MatchOptions& options) {
  if (IsDetectionsFile(file)) return MatchFile(truth, file, options);
  const nlohmann::json json = ParseJsonFile(file);
  const JsonReader reader(json, file.string());
  if (!json.is_object() || json.empty()) {
    throw Error(
        ErrorKind::kData,
        "expected a COCO results file, a baseline written by --update-baseline, the JSON of yoake eval, "
        "or an object of numbers like {\"mAP\": 0.41, \"person.mAP\": 0.5}",
        file.string());
  }
  if (reader.Has(kFormatKey)) return FromOurs(reader, truth, options);
  return FloorsOf(reader);
}

void WriteBaseline(const std::filesystem::path& file, const MatchedSet& matched,
                   const datasets::Dataset& truth, const MatchOptions& options) {
  LaneWeights ones(matched.images.size());
  for (LaneWeight& weight : ones) weight.lane.fill(1);
  const std::vector<LaneMeans> means = ReweightedAp(matched).Evaluate(ones);
  nlohmann::json json = {{kFormatKey, kFormat},
                         {"truth_sha256", Fingerprint(truth, matched, options)},
                         {"images", matched.images.size()},
                         {"columns", Numbers(means.back())},
                         {"per_category", nlohmann::json::array()}};
  for (std::size_t k = 0; k < matched.categories.size(); ++k) {
    const MatchedSetCategory& category = matched.categories[k];
    json["per_category"].push_back({{"category_id", static_cast<std::int64_t>(category.id)},
                                    {"category", category.name},
                                    {"columns", Numbers(means[k])},
                                    {"matches", PackMatches(category.matched.detections)}});
  }
  WriteFileAtomically(file, json.dump(1) + "\n");
}

}  // namespace yoake::metrics
