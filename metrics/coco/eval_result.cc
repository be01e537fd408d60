#include "metrics/coco/eval_result.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::metrics {
namespace {

using Value = std::optional<double>;

struct Column {
  const char* name;        // In the per-category table and for MetricByName.
  const char* stats_name;  // In the summary.
  Value CategoryRow::*of_category;
  Value CocoStats::*of_all;
};

constexpr std::array<Column, 12> kNamedColumns = {{
    {"mAP", "AP", &CategoryRow::mAP, &CocoStats::AP},
    {"mAP_50", "AP50", &CategoryRow::mAP_50, &CocoStats::AP50},
    {"mAP_75", "AP75", &CategoryRow::mAP_75, &CocoStats::AP75},
    {"mAP_s", "APs", &CategoryRow::mAP_s, &CocoStats::APs},
    {"mAP_m", "APm", &CategoryRow::mAP_m, &CocoStats::APm},
    {"mAP_l", "APl", &CategoryRow::mAP_l, &CocoStats::APl},
    {"AR_1", "AR1", &CategoryRow::AR_1, &CocoStats::AR1},
    {"AR_10", "AR10", &CategoryRow::AR_10, &CocoStats::AR10},
    {"AR_100", "AR100", &CategoryRow::AR_100, &CocoStats::AR100},
    {"AR_s", "ARs", &CategoryRow::AR_s, &CocoStats::ARs},
    {"AR_m", "ARm", &CategoryRow::AR_m, &CocoStats::ARm},
    {"AR_l", "ARl", &CategoryRow::AR_l, &CocoStats::ARl},
}};

const Column* FindColumn(std::string_view name) {
  for (const Column& column : kNamedColumns) {
    if (name == column.name) return &column;
  }
  return nullptr;
}

const ExtraColumn* FindExtra(const EvalResult& result, std::string_view name) {
  for (const ExtraColumn& column : result.extra) {
    if (name == column.name) return &column;
  }
  return nullptr;
}

[[noreturn]] void FailUnknown(std::string_view name, const std::vector<std::string>& names) {
  throw Error(ErrorKind::kUsage,
              "unknown metric '" + std::string(name) + "'" + DidYouMean(std::string(name), names));
}

std::size_t FindCategory(const EvalResult& result, std::string_view name) {
  std::vector<std::string> names;
  for (const CategoryRow& row : result.per_category) {
    if (row.category == name) return names.size();
    names.push_back(row.category);
  }
  throw Error(ErrorKind::kUsage,
              "unknown category '" + std::string(name) + "'" + DidYouMean(std::string(name), names));
}

nlohmann::json OrNull(const Value& value) { return value ? nlohmann::json(*value) : nlohmann::json(nullptr); }

Value ReadValue(const JsonReader& reader, const char* key) {
  const JsonReader value = reader.At(key);
  return value.value().is_null() ? std::nullopt : Value(value.AsDouble());
}

CategoryRow ReadRow(const JsonReader& reader) {
  CategoryRow row;
  row.category_id = datasets::CategoryId{reader.At("category_id").AsInt()};
  row.category = reader.At("category").AsString();
  for (const Column& column : kNamedColumns) row.*column.of_category = ReadValue(reader, column.name);
  row.n_gt = reader.At("n_gt").AsInt32();
  row.n_dt = reader.At("n_dt").AsInt32();
  reader.Read("n_crowd", &row.n_crowd);
  return row;
}

}  // namespace

std::optional<double> MetricByName(const EvalResult& result, std::string_view name) {
  const std::size_t dot = name.rfind('.');  // Categories may hold dots, columns do not.
  const bool of_all = dot == std::string_view::npos;
  const std::string_view column = of_all ? name : name.substr(dot + 1);
  const std::size_t k = of_all ? 0 : FindCategory(result, name.substr(0, dot));
  if (const Column* found = FindColumn(column)) {
    return of_all ? result.stats.*found->of_all : result.per_category[k].*found->of_category;
  }
  if (const ExtraColumn* found = FindExtra(result, column)) {
    return of_all ? found->all : found->per_category[k];
  }
  FailUnknown(column, ColumnNames(result));
}

std::optional<double> MetricOfCategory(const CategoryRow& row, std::string_view column) {
  if (const Column* found = FindColumn(column)) return row.*found->of_category;
  FailUnknown(column, MetricNames());
}

std::vector<std::string> ColumnNames(const EvalResult& result) {
  std::vector<std::string> names = MetricNames();
  for (const ExtraColumn& column : result.extra) names.push_back(column.name);
  return names;
}

void SetColumn(ExtraColumn column, EvalResult* result) {
  const Column* known = FindColumn(column.name);
  if (known == nullptr) {
    result->extra.push_back(std::move(column));
    return;
  }
  result->stats.*known->of_all = column.all;
  for (std::size_t k = 0; k < column.per_category.size(); ++k) {
    result->per_category[k].*known->of_category = column.per_category[k];
  }
}

const std::vector<std::string>& MetricNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Column& column : kNamedColumns) list.push_back(column.name);
    return list;
  }();
  return names;
}

nlohmann::json ToJson(const EvalResult& result) {
  nlohmann::json stats = nlohmann::json::object();
  for (const Column& column : kNamedColumns) stats[column.stats_name] = OrNull(result.stats.*column.of_all);
  for (const ExtraColumn& column : result.extra) stats[column.name] = OrNull(column.all);
  nlohmann::json per_category = nlohmann::json::array();
  for (const CategoryRow& row : result.per_category) {
    nlohmann::json entry = {{"category_id", static_cast<std::int64_t>(row.category_id)},
                            {"category", row.category},
                            {"n_gt", row.n_gt},
                            {"n_crowd", row.n_crowd},
                            {"n_dt", row.n_dt}};
    for (const Column& column : kNamedColumns) entry[column.name] = OrNull(row.*column.of_category);
    for (const ExtraColumn& column : result.extra) {
      entry[column.name] = OrNull(column.per_category[per_category.size()]);
    }
    per_category.push_back(std::move(entry));
  }
  nlohmann::json json = {
      {"stats", std::move(stats)}, {"per_category", std::move(per_category)}, {"warnings", result.warnings}};
  for (const Correction& correction : result.corrections) {
    nlohmann::json changes = nlohmann::json::object();
    for (const Correction::Change& change : correction.changes) {
      changes[change.column] = {{"before", OrNull(change.before)}, {"after", OrNull(change.after)}};
    }
    json["corrections"].push_back({{"what", correction.what}, {"changes", std::move(changes)}});
  }
  return json;
}

EvalResult EvalResultFromJson(const nlohmann::json& json, const std::string& source) {
  const JsonReader reader(json, source);
  EvalResult result;
  const JsonReader stats = reader.At("stats");
  for (const Column& column : kNamedColumns)
    result.stats.*column.of_all = ReadValue(stats, column.stats_name);
  for (const JsonReader& row : reader.At("per_category").AsArray())
    result.per_category.push_back(ReadRow(row));
  reader.Read("warnings", &result.warnings);
  return result;
}

}  // namespace yoake::metrics
