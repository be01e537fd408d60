#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/compared_options.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "metrics/coco/eval_result.h"
#include "metrics/uncertainty/baseline.h"
#include "reports/junit.h"
#include "reports/regression.h"

namespace yoake::cli {
namespace {

struct CheckCommandOptions : ComparedOptions {
  std::string baseline, candidate, junit, out;
  bool json = false;
  bool update = false;
  reports::GateOptions gate;
};

void UpdateBaseline(const CheckCommandOptions& options, const datasets::Dataset& truth,
                    const metrics::MatchedSet& candidate, const metrics::MatchOptions& matching) {
  if (metrics::IsDetectionsFile(options.baseline)) {
    throw Error(ErrorKind::kUsage,
                "--update-baseline would replace a detections file; name another file for the baseline",
                options.baseline);
  }
  metrics::WriteBaseline(options.baseline, candidate, truth, matching);
  std::cerr << "baseline: " << options.baseline << " now holds " << options.candidate << '\n';
}

metrics::CompareOptions HowToCompare(const CheckCommandOptions& options) {
  metrics::CompareOptions how;
  how.bootstrap = options.bootstrap;
  how.bootstrap.threads = options.threads;
  how.confidence = reports::GateConfidence(options.gate);
  how.Validate();
  return how;
}

reports::GateResult Check(const CheckCommandOptions& options, const datasets::Dataset& truth,
                          metrics::MatchedSet candidate, const metrics::MatchOptions& matching) {
  const metrics::ResamplingUnits units = UnitsFor(options, truth, candidate);
  metrics::Baseline baseline = metrics::ReadBaseline(options.baseline, truth, matching);
  std::vector<metrics::ComparedModel> models;
  auto* matched = std::get_if<metrics::MatchedSet>(&baseline);
  if (matched != nullptr) {
    models.emplace_back().name = "baseline";
    models.back().seeds.push_back(std::move(*matched));
  }
  models.emplace_back().name = "candidate";
  models.back().seeds.push_back(std::move(candidate));
  const metrics::Comparison comparison = metrics::CompareModels(models, 0, units, HowToCompare(options));
  return matched != nullptr
             ? reports::CheckRegression(comparison, options.gate)
             : reports::CheckFloors(comparison, std::get<metrics::Floors>(baseline), options.gate);
}

void AddOptions(CLI::App* command, const std::shared_ptr<CheckCommandOptions>& options) {
  AddComparedOptions(command, options.get());
  command
      ->add_option("--baseline", options->baseline,
                   "What to measure against: a COCO results file, a file written by --update-baseline,\n"
                   "or plain numbers (the JSON of yoake eval, or {\"mAP\": 0.41}): then a floor check")
      ->required();
  command->add_option("--candidate", options->candidate, "Detections of the candidate: a COCO results file")
      ->required();
  command
      ->add_option("--metric", options->gate.metric,
                   "Column that is checked, of the whole set and by category")
      ->check(CLI::IsMember(metrics::MetricNames()))
      ->capture_default_str();
  command
      ->add_option("--max-drop", options->gate.max_drop,
                   "Allowed drop of the whole set (0.005: half a point)")
      ->capture_default_str();
  command->add_option("--max-category-drop", options->gate.max_category_drop, "Allowed drop of each category")
      ->capture_default_str();
  command->add_option("--max-size-drop", options->gate.max_size_drop,
                      "Allowed drop of mAP_s, mAP_m and mAP_l; not checked when left out");
  command->add_option("--alpha", options->gate.alpha, "Chance of a false alarm, over all checks together")
      ->capture_default_str();
  command->add_flag(
      "--count-few", options->gate.count_few,
      "Let categories of too few boxes or images for an honest interval decide too; they are only\n"
      "reported otherwise");
  command->add_option("--junit", options->junit, "Also write JUnit XML (GitLab, Jenkins)");
  command->add_option("--out", options->out, "Also write Markdown, for a pull request");
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--update-baseline", options->update,
                    "Write the candidate's matching to the --baseline file instead of checking");
}

// The exit code: that of the verdict, 0 after writing a baseline.
int Run(const CheckCommandOptions& options) {
  options.gate.Validate();
  HowToCompare(options);  // Refuses bad options before any file is read.
  CheckParams(options);
  const datasets::Dataset truth = options.ReadTruth(options.truth);
  const metrics::MatchOptions matching = HowToMatch(options, truth);
  metrics::MatchedSet candidate = metrics::MatchFile(truth, options.candidate, matching);
  if (options.update) {
    UpdateBaseline(options, truth, candidate, matching);
    return 0;
  }
  const reports::GateResult result = Check(options, truth, std::move(candidate), matching);
  if (!options.junit.empty()) WriteFileAtomically(options.junit, reports::GateJUnit(result));
  if (!options.out.empty()) WriteFileAtomically(options.out, reports::GateMarkdown(result));
  std::cout << (options.json ? reports::GateJson(result).dump(1) + "\n" : reports::GateText(result));
  return reports::ExitCodeOf(result.verdict);
}

}  // namespace

void AddCheck(CLI::App& app, int* exit_code) {
  auto* command =
      app.add_subcommand("check", "Gate on a regression that noise cannot explain (exit 0, 1 or 3)");
  command->footer(
      "Examples:\n"
      "  yoake check --gt val.json --baseline baseline.json --candidate new.json --update-baseline\n"
      "  yoake check --gt val.json --baseline baseline.json --candidate new.json --junit check.xml --out "
      "check.md\n"
      "\n"
      "Exit codes: 0 pass, 1 regression (evidence that a drop exceeds the allowed one), 3 inconclusive (too "
      "few\n"
      "images to tell; the message says how many would do), 2 anything else, a file that is not there\n"
      "included. docs/uncertainty.md tells which when.");
  auto options = std::make_shared<CheckCommandOptions>();
  AddOptions(command, options);
  command->callback([options, exit_code] {
    try {
      *exit_code = Run(*options);
    } catch (const Error& error) {  // 1 says "regression", so nothing else may end with it.
      throw Error(ErrorKind::kUsage, error.message(), error.where());
    }
  });
}

}  // namespace yoake::cli
