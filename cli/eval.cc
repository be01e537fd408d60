#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/eval_options.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "metrics/analyses/analysis_input.h"
#include "metrics/coco/coco_eval.h"
#include "metrics/coco/corrected_eval.h"
#include "metrics/coco/voc_ap.h"
#include "metrics/matching/evaluation_set.h"
#include "reports/eval_analyses.h"
#include "reports/eval_report.h"

namespace yoake::cli {
namespace {

using metrics::EvalResult;

struct EvalCommandOptions : EvalOptions {
  std::string truth, detections, out;
  std::string format = "table";
  bool json = false;
  std::vector<std::string> analyses;
  std::string analysis_folder;
  metrics::AnalysisOptions analysis;
};

EvalResult Evaluate(const metrics::EvaluationSet& set, const metrics::SetOptions& chosen,
                    const EvalCommandOptions& options) {
  const metrics::MatchInput& input = set.input();
  EvalResult result =
      options.corrected ? metrics::EvaluateCorrected(input.truth, input.detections, chosen, options.Params())
                        : metrics::EvaluateCoco(set, options.Params());
  if (options.voc_iou > 0) metrics::AddVocColumns(set, options.voc_iou, options.threads, &result);
  return result;
}

// An error in the detections says which one, not of which file.
metrics::EvaluationSet MakeSet(const datasets::Dataset& truth,
                               const std::vector<metrics::Detection>& detections,
                               const metrics::SetOptions& chosen, const std::string& file) {
  try {
    return metrics::EvaluationSet(truth, detections, chosen);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    throw Error(error.kind(), error.message(), file + ": " + error.where());
  }
}

void Run(const EvalCommandOptions& options) {
  options.analysis.Validate();  // Before any file is read.
  options.Params().Validate();
  reports::CheckAnalyses(options.analyses);
  const datasets::Dataset truth = options.ReadTruth(options.truth);
  metrics::DetectionMasks masks;
  const std::vector<metrics::Detection> detections =
      metrics::ReadDetections(options.detections, options.threads, options.masks() ? &masks : nullptr);
  metrics::SetOptions chosen = options.Chosen(truth);
  if (options.masks()) chosen.masks = &masks;
  const metrics::EvaluationSet set = MakeSet(truth, detections, chosen, options.detections);
  const EvalResult result = Evaluate(set, chosen, options);
  for (const std::string& warning : result.warnings) std::cerr << "warning: " << warning << '\n';
  std::vector<reports::NamedView> views;
  if (!options.analyses.empty()) {
    views = reports::Analyse(metrics::AnalysisInput(set, options.analysis), options.analyses);
  }
  if (!options.analysis_folder.empty()) reports::WriteAnalyses(views, options.analysis_folder);
  const std::string text = reports::RenderEval(result, views, options.json ? "json" : options.format);
  if (options.out.empty()) {
    std::cout << text;
  } else {
    WriteFileAtomically(options.out, text);
  }
}

void AddAnalyses(CLI::App* command, EvalCommandOptions* options) {
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
  auto* command =
      app.add_subcommand("eval", "Score detections against truth as pycocotools does (boxes or masks)");
  command->footer(
      "Examples:\n"
      "  yoake eval --gt val.json --dt detections.json\n"
      "  yoake eval --gt val.json --dt detections.json --format markdown --out table.md\n"
      "  yoake eval --gt val.json --dt masks.json --iou-type segm\n"
      "  yoake eval --gt val.json --dt detections.json --areas tiny=0:256,small=256:1024 --max-dets 300\n"
      "  yoake eval --gt val.json --dt detections.json --analyse f1,confusion --score-threshold 0.3\n"
      "  yoake eval --gt val.json --dt detections.json --analyse all --analysis-out analyses\n"
      "\n"
      "Where the reference's answer misleads, a warning on stderr says so.");
  auto options = std::make_shared<EvalCommandOptions>();
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
  AddEvalOptions(command, options.get());
  AddAnalyses(command, options.get());
  command->callback([options, exit_code] {
    Run(*options);
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
