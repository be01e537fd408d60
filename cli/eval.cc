#include <array>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/read.h"
#include "metrics/coco_eval.h"
#include "reports/number_text.h"
#include "reports/table.h"

namespace yoake::cli {
namespace {

using metrics::EvalResult;

constexpr std::size_t kMarkdownColumns = 6;  // Precision alone, as in mmdetection's class-wise table.

std::string Integer(auto number) { return std::to_string(static_cast<std::int64_t>(number)); }

EvalResult Evaluate(const std::string& truth_file, const std::string& detections_file) {
  const datasets::Dataset truth = datasets::ReadCoco(truth_file);
  const std::vector<metrics::Detection> detections = metrics::ReadDetections(detections_file);
  metrics::CocoParams params;
  params.keep_arrays = false;
  try {
    return metrics::EvaluateCoco(truth, detections, params);
  } catch (const Error& error) {  // Says which detection, not of which file.
    throw Error(error.kind(), error.message(), detections_file + ": " + error.where());
  }
}

// The per-category table: the name, then the first `count` metrics.
reports::Table CategoryTable(const EvalResult& result, std::size_t count,
                             std::string (*text)(std::optional<double>)) {
  reports::Table table;
  table.columns.push_back({"category", reports::Align::kLeft});
  for (std::size_t i = 0; i < count; ++i) table.columns.push_back({metrics::MetricNames()[i]});
  for (const metrics::CategoryRow& row : result.per_category) {
    std::vector<reports::Cell> cells = {row.category};
    for (std::size_t i = 0; i < count; ++i) {
      cells.push_back(text(metrics::MetricOfCategory(row, metrics::MetricNames()[i])));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void AddCounts(const EvalResult& result, reports::Table* table) {
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

std::string Render(const EvalResult& result, const std::string& format) {
  const std::size_t every = metrics::MetricNames().size();
  if (format == "json") return metrics::ToJson(result).dump(1) + "\n";
  if (format == "markdown") {
    return reports::ToMarkdown(CategoryTable(result, kMarkdownColumns, reports::MetricText));
  }
  if (format == "csv") {
    reports::Table table = CategoryTable(result, every, reports::ExactText);
    AddCounts(result, &table);
    return reports::ToCsv(table);
  }
  reports::Table table = CategoryTable(result, every, reports::MetricText);
  AddCounts(result, &table);
  return reports::ToText(table) + "\n" + SummaryLines(result);
}

}  // namespace

void AddEval(CLI::App& app, int* exit_code) {
  struct Options {
    std::string truth, detections, out;
    std::string format = "table";
    bool json = false;
  };
  auto* command = app.add_subcommand("eval", "Score detections against truth as pycocotools does (boxes)");
  command->footer(
      "Examples:\n"
      "  yoake eval --gt val.json --dt detections.json\n"
      "  yoake eval --gt val.json --dt detections.json --format markdown --out table.md\n"
      "\n"
      "Where the reference's answer misleads, a warning on stderr says so.");
  auto options = std::make_shared<Options>();
  command->add_option("--gt", options->truth, "Truth: a COCO annotation file")->required();
  command->add_option("--dt", options->detections, "Detections: a COCO results file")->required();
  command
      ->add_option("--format", options->format,
                   "table: categories and summary; markdown: categories, three decimals; csv: categories, "
                   "full precision; json: everything, full precision")
      ->check(CLI::IsMember({"table", "markdown", "csv", "json"}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The same as --format json");
  command->add_option("--out", options->out, "Write to this file instead of stdout");
  command->callback([options, exit_code] {
    const EvalResult result = Evaluate(options->truth, options->detections);
    for (const std::string& warning : result.warnings) std::cerr << "warning: " << warning << '\n';
    const std::string text = Render(result, options->json ? "json" : options->format);
    if (options->out.empty()) {
      std::cout << text;
    } else {
      WriteFileAtomically(options->out, text);
    }
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
