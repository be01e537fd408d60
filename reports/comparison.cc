#include "reports/comparison.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "metrics/coco/eval_result.h"
#include "reports/comparison_tables.h"
#include "reports/markdown.h"

namespace yoake::reports {
namespace {

using metrics::Comparison;
using nlohmann::json;

json CellJson(const metrics::ColumnResult& cell) {
  json result = {{"value", nullptr},   {"delta", nullptr}, {"ci_low", nullptr},
                 {"ci_high", nullptr}, {"p", nullptr},     {"within_noise", nullptr}};
  if (cell.value) {
    result["value"] = *cell.value;
    result["value_ci_low"] = cell.interval.low;
    result["value_ci_high"] = cell.interval.high;
  }
  if (!cell.difference) return result;
  const metrics::Difference& difference = *cell.difference;
  result["delta"] = difference.delta;
  result["ci_low"] = difference.interval.low;
  result["ci_high"] = difference.interval.high;
  result["p"] = difference.interval.p;
  result["p_holm"] = difference.p_holm;
  result["within_noise"] = difference.within_noise();
  result["standard_error"] = difference.interval.standard_error;
  result["detectable"] = difference.detectable;
  return result;
}

json BaselineCellJson(const metrics::ColumnResult& cell) {
  if (!cell.value) return {{"value", nullptr}};
  return {{"value", *cell.value}, {"ci_low", cell.interval.low}, {"ci_high", cell.interval.high}};
}

json RowJson(const metrics::RowResult& row, json (*cell_json)(const metrics::ColumnResult&)) {
  json result = json::object();
  for (std::size_t i = 0; i < metrics::kColumns; ++i) {
    result[metrics::MetricNames()[i]] = cell_json(row.columns[i]);
  }
  return result;
}

json CategoriesJson(const metrics::ModelResult& model, json (*cell_json)(const metrics::ColumnResult&)) {
  json list = json::array();
  for (const metrics::RowResult& row : model.categories) {
    json entry = RowJson(row, cell_json);
    entry["category"] = row.category;
    entry["category_id"] = static_cast<std::int64_t>(row.category_id);
    entry["boxes"] = row.truth.boxes;
    entry["units"] = row.truth.units;
    list.push_back(std::move(entry));
  }
  return list;
}

std::string Markdown(const Comparison& comparison, const std::string& column, const std::string& picture) {
  std::string text = Heading(1, "Comparison with " + comparison.models[comparison.baseline].name);
  for (const std::string& verdict : ComparisonVerdicts(comparison, column)) {
    text += Bullet(EscapeMarkdown(verdict));
  }
  text += "\n";
  if (!picture.empty()) text += Image("differences of " + column + " with their intervals", picture);
  text += Heading(2, "Whole set") + ToMarkdown(WholeTable(comparison)) + "\n";
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    if (m == comparison.baseline) continue;
    text += Heading(2, comparison.models[m].name + " by category, " + column);
    text += ToMarkdown(CategoryDifferences(comparison, m, column)) + "\n";
  }
  return text + Paragraph(EscapeMarkdown(MethodNote(comparison)));
}

std::string Text(const Comparison& comparison, const std::string& column) {
  std::string text;
  for (const std::string& verdict : ComparisonVerdicts(comparison, column)) text += verdict + "\n";
  text += "\n" + ToText(WholeTable(comparison));
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    if (m == comparison.baseline) continue;
    text += fmt::format("\n{} against {}, {} by category\n", comparison.models[m].name,
                        comparison.models[comparison.baseline].name, column);
    text += ToText(CategoryDifferences(comparison, m, column));
  }
  return text + "\n" + MethodNote(comparison) + "\n";
}

using Renderer = std::string (*)(const Comparison&, const std::string&);

const std::map<std::string, Renderer>& Renderers() {
  static const std::map<std::string, Renderer> renderers = {
      {"table", Text},
      {"markdown", [](const Comparison& comparison,
                      const std::string& column) { return Markdown(comparison, column, ""); }},
      {"csv", [](const Comparison& comparison, const std::string&) { return ToCsv(EveryCell(comparison)); }},
      {"json", [](const Comparison& comparison,
                  const std::string& column) { return ComparisonJson(comparison, column).dump(1) + "\n"; }},
  };
  return renderers;
}

}  // namespace

const std::vector<std::string>& ComparisonFormats() {
  static const std::vector<std::string> formats = [] {
    std::vector<std::string> names;
    for (const auto& [name, unused] : Renderers()) names.push_back(name);
    return names;
  }();
  return formats;
}

std::string RenderComparison(const Comparison& comparison, const std::string& column,
                             const std::string& format) {
  return Renderers().at(format)(comparison, column);
}

json ComparisonJson(const Comparison& comparison, const std::string& column) {
  const metrics::ModelResult& baseline = comparison.models[comparison.baseline];
  json models = json::array();
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    if (m == comparison.baseline) continue;
    const metrics::ModelResult& model = comparison.models[m];
    models.push_back({{"name", model.name},
                      {"seeds", model.seeds},
                      {"stats", RowJson(model.whole, CellJson)},
                      {"per_category", CategoriesJson(model, CellJson)}});
  }
  return {{"baseline", baseline.name},
          {"baseline_seeds", baseline.seeds},
          {"baseline_stats", RowJson(baseline.whole, BaselineCellJson)},
          {"baseline_per_category", CategoriesJson(baseline, BaselineCellJson)},
          {"models", std::move(models)},
          {"images", comparison.images},
          {"units", comparison.units},
          {"replicates", comparison.options.bootstrap.replicates},
          {"seed", comparison.options.bootstrap.seed},
          {"confidence", comparison.options.confidence},
          {"verdicts", ComparisonVerdicts(comparison, column)}};
}

std::filesystem::path WriteComparison(const Comparison& comparison, const std::string& column,
                                      const std::filesystem::path& out_folder) {
  std::string picture = DifferencesSvg(comparison, column);
  if (!picture.empty()) {
    WriteFileAtomically(out_folder / "img/differences.svg", picture);
    picture = "img/differences.svg";
  }
  WriteFileAtomically(out_folder / "compare.json", RenderComparison(comparison, column, "json"));
  WriteFileAtomically(out_folder / "compare.csv", RenderComparison(comparison, column, "csv"));
  WriteFileAtomically(out_folder / "compare.md", Markdown(comparison, column, picture));
  return out_folder / "compare.md";
}

}  // namespace yoake::reports
