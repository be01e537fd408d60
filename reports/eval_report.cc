#include "reports/eval_report.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "reports/number_text.h"
#include "reports/table.h"

namespace yoake::reports {
namespace {

using metrics::EvalResult;

constexpr std::size_t kMarkdownColumns = 6;  // Precision alone, as in mmdetection's class-wise table.

std::string Integer(auto number) { return std::to_string(static_cast<std::int64_t>(number)); }

// The per-category table: the name, then the first `count` metrics.
Table CategoryTable(const EvalResult& result, std::size_t count, std::string (*text)(std::optional<double>)) {
  Table table;
  table.columns.push_back({"category", Align::kLeft});
  for (std::size_t i = 0; i < count; ++i) table.columns.push_back({metrics::MetricNames()[i]});
  for (const metrics::CategoryRow& row : result.per_category) {
    std::vector<Cell> cells = {row.category};
    for (std::size_t i = 0; i < count; ++i) {
      cells.push_back(text(metrics::MetricOfCategory(row, metrics::MetricNames()[i])));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void AddCounts(const EvalResult& result, Table* table) {
  for (const char* title : {"n_gt", "n_crowd", "n_dt"}) table->columns.push_back({title});
  for (std::size_t k = 0; k < result.per_category.size(); ++k) {
    const metrics::CategoryRow& row = result.per_category[k];
    for (const int count : {row.n_gt, row.n_crowd, row.n_dt}) table->rows[k].push_back(Integer(count));
  }
}

// The twelve lines that pycocotools prints, -1.000 where undefined included.
std::string SummaryLines(const EvalResult& result) {
  struct Line {
    const char* iou;
    const char* area;
    int max_detections;
  };
  constexpr std::array<Line, 12> kLines = {{{"0.50:0.95", "all", 100},
                                            {"0.50", "all", 100},
                                            {"0.75", "all", 100},
                                            {"0.50:0.95", "small", 100},
                                            {"0.50:0.95", "medium", 100},
                                            {"0.50:0.95", "large", 100},
                                            {"0.50:0.95", "all", 1},
                                            {"0.50:0.95", "all", 10},
                                            {"0.50:0.95", "all", 100},
                                            {"0.50:0.95", "small", 100},
                                            {"0.50:0.95", "medium", 100},
                                            {"0.50:0.95", "large", 100}}};
  std::string text;
  for (std::size_t i = 0; i < kLines.size(); ++i) {
    const bool precision = metrics::MetricNames()[i].starts_with("mAP");
    char buffer[160];
    std::snprintf(buffer, sizeof buffer, " %-18s %s @[ IoU=%-9s | area=%6s | maxDets=%3d ] = %.3f\n",
                  precision ? "Average Precision" : "Average Recall", precision ? "(AP)" : "(AR)",
                  kLines[i].iou, kLines[i].area, kLines[i].max_detections,
                  metrics::MetricByName(result, metrics::MetricNames()[i]).value_or(-1));
    text += buffer;
  }
  return text;
}

std::string RenderResult(const EvalResult& result, const std::string& format) {
  const std::size_t every = metrics::MetricNames().size();
  if (format == "markdown") return ToMarkdown(CategoryTable(result, kMarkdownColumns, MetricText));
  Table table = CategoryTable(result, every, format == "csv" ? ExactText : MetricText);
  AddCounts(result, &table);
  return format == "csv" ? ToCsv(table) : ToText(table) + "\n" + SummaryLines(result);
}

}  // namespace

const std::vector<std::string>& EvalFormats() {
  static const std::vector<std::string> formats = {"table", "markdown", "csv", "json"};
  return formats;
}

std::string RenderEval(const EvalResult& result, const std::vector<NamedView>& analyses,
                       const std::string& format) {
  if (format != "json") return RenderResult(result, format) + RenderTables(analyses, format);
  nlohmann::json json = metrics::ToJson(result);
  if (!analyses.empty()) json["analyses"] = AnalysesJson(analyses);
  return json.dump(1) + "\n";
}

}  // namespace yoake::reports
