#include "reports/eval_report.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "reports/number_text.h"
#include "reports/table.h"

namespace yoake::reports {
namespace {

using metrics::EvalResult;

constexpr std::size_t kMarkdownColumns = 6;  // Precision alone, as in mmdetection's class-wise table.

std::string Integer(auto number) { return std::to_string(static_cast<std::int64_t>(number)); }

// The per-category table: the name, then the first `count` metrics and all extra ones.
Table CategoryTable(const EvalResult& result, std::size_t count, std::string (*text)(std::optional<double>)) {
  Table table;
  table.columns.push_back({"category", Align::kLeft});
  for (std::size_t i = 0; i < count; ++i) table.columns.push_back({metrics::MetricNames()[i]});
  for (const metrics::ExtraColumn& extra : result.extra) table.columns.push_back({extra.name});
  for (std::size_t k = 0; k < result.per_category.size(); ++k) {
    const metrics::CategoryRow& row = result.per_category[k];
    std::vector<Cell> cells = {row.category};
    for (std::size_t i = 0; i < count; ++i) {
      cells.push_back(text(metrics::MetricOfCategory(row, metrics::MetricNames()[i])));
    }
    for (const metrics::ExtraColumn& extra : result.extra) cells.push_back(text(extra.per_category[k]));
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

std::string IouRange(double low, double high) {
  return low == high ? fmt::format("{:.2f}", low) : fmt::format("{:.2f}:{:.2f}", low, high);
}

// The twelve lines that pycocotools prints, -1.000 where undefined included, then the extra columns.
std::string SummaryLines(const EvalResult& result) {
  struct Line {
    std::string iou;
    const char* area;
    int max_detections;
  };
  const std::string range = IouRange(result.lowest_iou, result.highest_iou);
  const int most = result.most_detections;
  const std::array<Line, 12> lines = {{{range, "all", most},
                                       {"0.50", "all", most},
                                       {"0.75", "all", most},
                                       {range, "small", most},
                                       {range, "medium", most},
                                       {range, "large", most},
                                       {range, "all", 1},
                                       {range, "all", 10},
                                       {range, "all", 100},
                                       {range, "small", most},
                                       {range, "medium", most},
                                       {range, "large", most}}};
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& name = metrics::MetricNames()[i];
    const bool precision = name.starts_with("mAP");
    text += fmt::format(" {:<18} {} @[ IoU={:<9} | area={:>6} | maxDets={:>3} ] = {:.3f}\n",
                        precision ? "Average Precision" : "Average Recall", precision ? "(AP)" : "(AR)",
                        lines[i].iou, lines[i].area, lines[i].max_detections,
                        metrics::MetricByName(result, name).value_or(-1));
  }
  for (const metrics::ExtraColumn& extra : result.extra) {
    text += fmt::format(" {} = {}\n", extra.name, MetricText(extra.all));
  }
  return text;
}

// What was corrected, and each column of the whole set that it moved.
std::string CorrectionLines(const EvalResult& result) {
  std::string text;
  for (const metrics::Correction& correction : result.corrections) {
    text += "\ncorrected: " + correction.what + "\n";
    for (const auto& change : correction.changes) {
      text +=
          fmt::format("  {:<6} {} -> {}", change.column, MetricText(change.before), MetricText(change.after));
      if (change.before && change.after)
        text += fmt::format(" ({})", DeltaText(*change.after - *change.before));
      text += "\n";
    }
  }
  return text;
}

std::string RenderResult(const EvalResult& result, const std::string& format) {
  const std::size_t every = metrics::MetricNames().size();
  if (format == "markdown") return ToMarkdown(CategoryTable(result, kMarkdownColumns, MetricText));
  Table table = CategoryTable(result, every, format == "csv" ? ExactText : MetricText);
  AddCounts(result, &table);
  return format == "csv" ? ToCsv(table)
                         : ToText(table) + "\n" + SummaryLines(result) + CorrectionLines(result);
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
