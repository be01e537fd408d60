#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/read.h"
#include "metrics/analysis_input.h"
#include "metrics/coco_eval.h"
#include "metrics/evaluation_set.h"
#include "reports/eval_analyses.h"
#include "reports/eval_report.h"

namespace yoake::cli {
namespace {

using metrics::EvalResult;

struct Options {
  std::string truth, detections, out;
  std::string format = "table";
  bool json = false;
  std::vector<std::string> analyses;
  std::string analysis_folder;
  metrics::AnalysisOptions analysis;
};

EvalResult Evaluate(const datasets::Dataset& truth, const std::vector<metrics::Detection>& detections,
                    const std::string& detections_file) {
  metrics::CocoParams params;
  params.keep_arrays = false;
  try {
    return metrics::EvaluateCoco(truth, detections, params);
  } catch (const Error& error) {  // Says which detection, not of which file.
    throw Error(error.kind(), error.message(), detections_file + ": " + error.where());
  }
}

std::vector<reports::NamedView> Analyse(const datasets::Dataset& truth,
                                        const std::vector<metrics::Detection>& detections,
                                        const Options& options) {
  if (options.analyses.empty()) return {};
  const metrics::EvaluationSet set(truth, detections);
  return reports::Analyse(metrics::AnalysisInput(set, options.analysis), options.analyses);
}

void Run(const Options& options) {
  options.analysis.Validate();  // Before any file is read.
  reports::CheckAnalyses(options.analyses);
  const datasets::Dataset truth = datasets::ReadCoco(options.truth);
  const std::vector<metrics::Detection> detections = metrics::ReadDetections(options.detections);
  const EvalResult result = Evaluate(truth, detections, options.detections);
  for (const std::string& warning : result.warnings) std::cerr << "warning: " << warning << '\n';
  const auto views = Analyse(truth, detections, options);
  if (!options.analysis_folder.empty()) reports::WriteAnalyses(views, options.analysis_folder);
  const std::string text = reports::RenderEval(result, views, options.json ? "json" : options.format);
  if (options.out.empty()) {
    std::cout << text;
  } else {
    WriteFileAtomically(options.out, text);
  }
}

void AddAnalyses(CLI::App* command, Options* options) {
  std::string names = "Comma-separated, or all:";
  for (const reports::Analysis& analysis : reports::Analyses()) {
    names += "\n" + analysis.name + ": " + analysis.about;
  }
  constexpr char kGroup[] = "Analyses";
  auto* analyse = command->add_option("--analyse", options->analyses, names)->delimiter(',')->group(kGroup);
  const auto add = [&](const char* name, auto& value, const char* help) {
    return command->add_option(name, value, help)->needs(analyse)->group(kGroup);
  };
  add("--score-threshold", options->analysis.score_threshold,
      "Count, confuse and score images at this score (default: the one with the best F over all categories)");
  add("--analysis-iou", options->analysis.iou, "Overlap from which a box is found")->capture_default_str();
  add("--background-iou", options->analysis.background_iou,
      "Overlap up to which a detection lies on background (errors)")
      ->capture_default_str();
  add("--beta", options->analysis.beta, "Of the F measure; above 1 recall weighs more")
      ->capture_default_str();
  add("--bins", options->analysis.calibration_bins, "Bins of the calibration")->capture_default_str();
  add("--worst", options->analysis.worst_images, "How many of the worst images are listed")
      ->capture_default_str();
  add("--analysis-out", options->analysis_folder,
      "Also write every table (CSV) and picture (SVG) into this folder");
}

}  // namespace

void AddEval(CLI::App& app, int* exit_code) {
  auto* command = app.add_subcommand("eval", "Score detections against truth as pycocotools does (boxes)");
  command->footer(
      "Examples:\n"
      "  yoake eval --gt val.json --dt detections.json\n"
      "  yoake eval --gt val.json --dt detections.json --format markdown --out table.md\n"
      "  yoake eval --gt val.json --dt detections.json --analyse f1,confusion --score-threshold 0.3\n"
      "  yoake eval --gt val.json --dt detections.json --analyse all --analysis-out analyses\n"
      "\n"
      "Where the reference's answer misleads, a warning on stderr says so.");
  auto options = std::make_shared<Options>();
  command->add_option("--gt", options->truth, "Truth: a COCO annotation file")->required();
  command->add_option("--dt", options->detections, "Detections: a COCO results file")->required();
  command
      ->add_option("--format", options->format,
                   "table: categories and summary; markdown: categories, three decimals; csv: categories, "
                   "full precision; json: everything, full precision")
      ->check(CLI::IsMember(reports::EvalFormats()))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The same as --format json");
  command->add_option("--out", options->out, "Write to this file instead of stdout");
  AddAnalyses(command, options.get());
  command->callback([options, exit_code] {
    Run(*options);
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
