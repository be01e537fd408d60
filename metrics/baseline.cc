#include "metrics/baseline.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "datasets/sha256.h"
#include "metrics/eval_result.h"
#include "metrics/packed_matches.h"
#include "metrics/reweighted_ap.h"

namespace yoake::metrics {
namespace {

constexpr char kFormatKey[] = "yoake_baseline";
constexpr int kFormat = 1;

// Equal for truths that match every detection alike: ids, categories, boxes, areas, crowds; not for names.
std::string Fingerprint(const datasets::Dataset& truth) {
  datasets::Sha256 hash;
  for (const datasets::Image& image : truth.images)
    hash.Update(fmt::format("i{};", static_cast<std::int64_t>(image.id)));
  for (const datasets::Category& category : truth.categories) {
    hash.Update(fmt::format("c{};", static_cast<std::int64_t>(category.id)));
  }
  for (const datasets::Annotation& a : truth.annotations) {
    hash.Update(fmt::format("a{} {} {} {} {} {} {} {} {};", static_cast<std::int64_t>(a.id),
                            static_cast<std::int64_t>(a.image_id), static_cast<std::int64_t>(a.category_id),
                            a.box.x, a.box.y, a.box.w, a.box.h, a.area, a.crowd));
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

MatchedSet FromOurs(const JsonReader& reader, const datasets::Dataset& truth, int threads) {
  if (reader.At(kFormatKey).AsInt() != kFormat) {
    reader.At(kFormatKey).Fail(fmt::format("format {} is needed; write the baseline again", kFormat));
  }
  if (reader.At("truth_sha256").AsString() != Fingerprint(truth)) {
    throw Error(
        ErrorKind::kData,
        "the baseline was measured against another truth (its boxes or images have changed since); write "
        "it again with --update-baseline",
        reader.source());
  }
  MatchedSet set = MatchCoco(truth, {}, threads);  // The truth's side; the detections come from the file.
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

Baseline ReadBaseline(const std::filesystem::path& file, const datasets::Dataset& truth, int threads) {
  if (IsDetectionsFile(file)) return MatchCoco(truth, ReadDetections(file), threads);
  const nlohmann::json json = ParseJsonFile(file);
  const JsonReader reader(json, file.string());
  if (!json.is_object() || json.empty()) {
    throw Error(
        ErrorKind::kData,
        "expected a COCO results file, a baseline written by --update-baseline, the JSON of yoake eval, "
        "or an object of numbers like {\"mAP\": 0.41, \"person.mAP\": 0.5}",
        file.string());
  }
  if (reader.Has(kFormatKey)) return FromOurs(reader, truth, threads);
  return FloorsOf(reader);
}

void WriteBaseline(const std::filesystem::path& file, const MatchedSet& matched,
                   const datasets::Dataset& truth) {
  LaneWeights ones(matched.images.size());
  for (LaneWeight& weight : ones) weight.lane.fill(1);
  const std::vector<LaneMeans> means = ReweightedAp(matched).Evaluate(ones);
  nlohmann::json json = {{kFormatKey, kFormat},
                         {"truth_sha256", Fingerprint(truth)},
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
