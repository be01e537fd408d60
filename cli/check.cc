#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/compared_files.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/parallel.h"
#include "datasets/read.h"
#include "metrics/baseline.h"
#include "metrics/eval_result.h"
#include "reports/junit.h"
#include "reports/regression.h"

namespace yoake::cli {
namespace {

struct Options {
  std::string truth, baseline, candidate, junit, out, cluster_by;
  bool json = false;
  bool update = false;
  reports::GateOptions gate;
  metrics::CompareOptions compare;
};

void UpdateBaseline(const Options& options, const datasets::Dataset& truth,
                    const metrics::MatchedSet& candidate) {
  if (metrics::IsDetectionsFile(options.baseline)) {
    throw Error(ErrorKind::kUsage,
                "--update-baseline would replace a detections file; name another file for the baseline",
                options.baseline);
  }
  metrics::WriteBaseline(options.baseline, candidate, truth);
  std::cerr << "baseline: " << options.baseline << " now holds " << options.candidate << '\n';
}

reports::GateResult Check(const Options& options, const datasets::Dataset& truth,
                          metrics::MatchedSet candidate) {
  const metrics::ResamplingUnits units = UnitsFor(truth, options.truth, options.cluster_by);
  metrics::Baseline baseline =
      metrics::ReadBaseline(options.baseline, truth, options.compare.bootstrap.threads);
  std::vector<metrics::ComparedModel> models;
  auto* matched = std::get_if<metrics::MatchedSet>(&baseline);
  if (matched != nullptr) {
    models.emplace_back().name = "baseline";
    models.back().seeds.push_back(std::move(*matched));
  }
  models.emplace_back().name = "candidate";
  models.back().seeds.push_back(std::move(candidate));
  const metrics::Comparison comparison = metrics::CompareModels(models, 0, units, options.compare);
  return matched != nullptr
             ? reports::CheckRegression(comparison, options.gate)
             : reports::CheckFloors(comparison, std::get<metrics::Floors>(baseline), options.gate);
}

void AddOptions(CLI::App* command, const std::shared_ptr<Options>& options) {
  command->add_option("--gt", options->truth, "Truth: a COCO annotation file")->required();
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
  command->add_option(
      "--cluster-by", options->cluster_by,
      "Images that belong together: a key of the image in the truth file, or /regex/ searched in\n"
      "the file name");
  command->add_option("--replicates", options->compare.bootstrap.replicates, "Bootstrap replicates")
      ->capture_default_str();
  command->add_option("--seed", options->compare.bootstrap.seed, "Seed of the replicates")
      ->capture_default_str();
  command
      ->add_option("--threads", options->compare.bootstrap.threads,
                   "Threads; the numbers do not depend on them")
      ->capture_default_str();
  command->add_option("--junit", options->junit, "Also write JUnit XML (GitLab, Jenkins)");
  command->add_option("--out", options->out, "Also write Markdown, for a pull request");
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--update-baseline", options->update,
                    "Write the candidate's matching to the --baseline file instead of checking");
}

// The exit code: that of the verdict, 0 after writing a baseline.
int Run(Options& options) {
  options.gate.Validate();
  options.compare.confidence = reports::GateConfidence(options.gate);
  options.compare.Validate();
  const datasets::Dataset truth = datasets::ReadCoco(options.truth);
  metrics::MatchedSet candidate = MatchFile(truth, options.candidate, options.compare.bootstrap.threads);
  if (options.update) {
    UpdateBaseline(options, truth, candidate);
    return 0;
  }
  const reports::GateResult result = Check(options, truth, std::move(candidate));
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
  auto options = std::make_shared<Options>();
  options->compare.bootstrap.threads = HardwareThreads();
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
