#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/read.h"
#include "metrics/coco_eval.h"
#include "reports/eval_report.h"

namespace yoake::cli {
namespace {

using metrics::EvalResult;

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
      ->check(CLI::IsMember(reports::EvalFormats()))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The same as --format json");
  command->add_option("--out", options->out, "Write to this file instead of stdout");
  command->callback([options, exit_code] {
    const EvalResult result = Evaluate(options->truth, options->detections);
    for (const std::string& warning : result.warnings) std::cerr << "warning: " << warning << '\n';
    const std::string text = reports::RenderEval(result, options->json ? "json" : options->format);
    if (options->out.empty()) {
      std::cout << text;
    } else {
      WriteFileAtomically(options->out, text);
    }
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
