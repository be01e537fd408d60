#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/study_commands.h"
#include "cli/this_program.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "reports/study_report.h"
#include "search/sampler.h"
#include "search/space.h"
#include "studies/device_pool.h"
#include "studies/duration.h"
#include "studies/planner.h"
#include "studies/study.h"
#include "studies/study_view.h"
#include "studies/trial_config.h"

namespace yoake::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct RunOptions {
  std::string file;
  std::string out;
  std::string storage;
  std::string timeout;
  std::string devices;
  int trials = 0;
  bool dry_run = false;
  bool as_json = false;
  std::vector<std::string> overrides;
};

studies::StudyConfig ReadStudy(const RunOptions& options) {
  studies::StudyConfig study = studies::ReadStudyConfig(options.file, options.overrides);
  if (!options.storage.empty()) study.storage = options.storage;
  if (!options.timeout.empty()) study.timeout_s = studies::ParseDuration(options.timeout);
  if (!options.devices.empty()) study.devices = {options.devices};
  if (options.trials != 0) study.trials = options.trials;
  study.Validate();
  return study;
}

// The first trial of every combination, as it would run.
json FirstConfigs(const studies::StudyConfig& study, const studies::PreparedStudy& prepared) {
  const auto space = search::ParseSearchSpace(JsonReader(study.space, study.name, "$.space"));
  const auto sampler = search::MakeSampler(JsonReader(study.sampler, study.name, "$.sampler"));
  json first = json::array();
  for (std::size_t i = 0; i < prepared.combinations.size(); ++i) {
    const studies::Combination& combination = prepared.combinations[i];
    search::TrialRecord trial;
    trial.user_attrs["variant"] = combination.variant;
    const auto params =
        studies::PlanParams(*sampler, space, {{study.direction}, {trial}}, 0, study.seed).params;
    first.push_back(
        {{"variant", combination.variant},
         {"params", search::ExternalValues(params)},
         {"config", studies::MakeTrialConfig(combination.config, params,
                                             studies::TrialSeed(study.seed, static_cast<int>(i)))}});
  }
  return first;
}

void PrintPlan(const json& plan) {
  std::cout << "study         " << plan["name"].get<std::string>() << "\n"
            << "trials        " << plan["trials"] << " (" << plan["trials_each"] << " for each of "
            << plan["combinations"].size() << " combinations)\n"
            << "slots         ";
  for (const json& slot : plan["slots"]) std::cout << slot.get<std::string>() << ' ';
  std::cout << "\nspace\n";
  for (const auto& [name, entry] : plan["space"].items())
    std::cout << "  " << name << "  " << entry.dump() << '\n';
  std::cout << "first trial of each combination\n";
  for (const json& first : plan["combinations"]) {
    std::cout << "  " << first["variant"].dump() << "  " << first["params"].dump() << '\n';
  }
  if (!plan["combinations"].empty()) {
    std::cout << "first configuration\n" << plan["combinations"][0]["config"].dump(2) << '\n';
  }
  for (const json& warning : plan["warnings"]) std::cout << "warning: " << warning.get<std::string>() << '\n';
}

void DryRun(studies::StudyConfig study, bool as_json) {
  studies::ExpandEnvironment(&study);
  const studies::PreparedStudy prepared = studies::PrepareStudy(study, studies::Trainer(study));
  json plan = {{"name", study.name},
               {"trials", study.trials * static_cast<int>(prepared.combinations.size())},
               {"trials_each", study.trials},
               {"space", study.space},
               {"combinations", FirstConfigs(study, prepared)},
               {"warnings", prepared.warnings},
               {"slots", json::array()}};
  for (const auto& slot : studies::ParseDevices(study.devices)) plan["slots"].push_back(slot.name);
  if (as_json) {
    std::cout << plan.dump(1) << '\n';
  } else {
    PrintPlan(plan);
  }
}

// Report, tables, and what to do next. Returns the exit code.
int Conclude(const studies::RunnerEnd& end, const fs::path& folder, bool as_json) {
  const auto results = reports::ReadStudyResults(folder / "results.json");
  const fs::path report = reports::WriteStudyReport(folder);
  bool any_complete = false;
  for (const auto& trial : results.trials) any_complete |= trial.state == search::TrialState::kComplete;
  if (as_json) {
    std::cout << json({{"folder", folder.string()},
                       {"complete", end.complete},
                       {"why", end.why},
                       {"trials", results.trials.size()},
                       {"report", report.string()}})
                     .dump(1)
              << '\n';
  } else {
    std::cout << reports::SummaryText(results) << "\nreport: " << report.string() << '\n';
  }
  if (end.complete && !end.why.empty()) std::cerr << "yoake: ended early: " << end.why << '\n';
  if (!end.complete) {
    std::cerr << "yoake: not complete: " << end.why << "\ngo on: yoake study resume " << folder.string()
              << '\n';
  }
  return end.interrupted || end.failed || !any_complete ? 1 : 0;
}

int Run(const RunOptions& options) {
  const studies::StudyConfig study = ReadStudy(options);
  if (options.dry_run) {
    DryRun(study, options.as_json);
    return 0;
  }
  const fs::path folder = options.out.empty() ? fs::path("runs") / study.name : fs::path(options.out);
  studies::RunnerEnd end;
  {
    ProgressPrinter progress(study.metric);
    end = studies::RunStudy(study, folder, ThisProgram(), progress);
  }
  return Conclude(end, folder, options.as_json);
}

int Resume(const RunOptions& options) {
  const fs::path folder = options.file;
  studies::ResumeOptions changes;
  if (options.trials != 0) changes.trials = options.trials;
  if (!options.timeout.empty()) changes.timeout_s = studies::ParseDuration(options.timeout);
  if (!options.devices.empty()) changes.devices = {options.devices};
  studies::RunnerEnd end;
  {
    ProgressPrinter progress(studies::ReadResolvedStudy(studies::StudyFolder(folder)).metric);
    end = studies::ResumeStudy(folder, changes, ThisProgram(), progress);
  }
  return Conclude(end, folder, options.as_json);
}

void AddLimits(CLI::App* command, RunOptions* options) {
  command->add_option("--trials", options->trials, "Trials of each combination of variants")
      ->check(CLI::PositiveNumber);
  command->add_option("--timeout", options->timeout, "Take no trial after this time: 8h, 30m, 90s");
  command->add_option("--devices", options->devices, "Slots: cpu:2 or cuda:0,1");
  command->add_flag("--json", options->as_json, "Print one JSON object instead of tables");
}

void AddStudyCreate(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("create", "Put a study into a store for workers, without running it");
  command->footer(
      "Example:\n"
      "  yoake study create night.json --storage postgresql://me@server/yoake\n"
      "  yoake study worker --storage postgresql://me@server/yoake --study night      on as many machines as "
      "you like");
  auto options = std::make_shared<RunOptions>();
  command->add_option("STUDY", options->file, "Study file (JSON with comments; keys in configs/README.md)")
      ->required();
  command->add_option("OVERRIDES", options->overrides, "key=value by dotted path, e.g. trials=3");
  command->add_option("--storage", options->storage,
                      "Store that the workers reach (default: the study file's)");
  command->callback([options, exit_code] {
    const studies::StudyConfig config = ReadStudy(*options);
    ProgressPrinter progress(config.metric);
    studies::EnterStudy(config, progress);
    std::cerr << "the study '" << config.name
              << "' waits for workers: yoake study worker --storage URL --study " << config.name << '\n';
    *exit_code = 0;
  });
}

}  // namespace

void AddStudyRun(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("run", "Run a study file to its report");
  command->footer(
      "Example:\n"
      "  YOAKE_BCCD=/data/bccd yoake study run configs/studies/blood_labels.json --devices cpu:2 trials=3\n"
      "Ctrl-C once: running trials write a checkpoint and end; twice: they are killed. `resume` goes on.");
  auto options = std::make_shared<RunOptions>();
  command->add_option("STUDY", options->file, "Study file (JSON with comments; keys in configs/README.md)")
      ->required();
  command->add_option("OVERRIDES", options->overrides,
                      "key=value by dotted path, e.g. trials=3 base.epochs=10");
  command->add_option("--out", options->out, "Folder for everything (default runs/NAME)");
  command->add_option("--storage", options->storage,
                      "Store (default sqlite:///OUT/study.db), also postgresql://user:password@host:port/db");
  AddLimits(command, options.get());
  command->add_flag("--dry-run", options->dry_run, "Check everything, show what would run, and stop");
  command->callback([options, exit_code] { *exit_code = Run(*options); });
  AddStudyCreate(study, exit_code);
}

void AddStudyResume(CLI::App& study, int* exit_code) {
  auto* resume = study.add_subcommand("resume", "Go on with a study that was stopped, killed or has crashed");
  resume->footer("Example:\n  yoake study resume runs/blood_labels");
  auto options = std::make_shared<RunOptions>();
  resume->add_option("DIR", options->file, "The study's folder")->required();
  AddLimits(resume, options.get());
  resume->callback([options, exit_code] { *exit_code = Resume(*options); });

  auto* stop = study.add_subcommand("stop", "Ask a running study to write checkpoints and end");
  stop->footer("Example:\n  yoake study stop runs/blood_labels");
  auto folder = std::make_shared<std::string>();
  stop->add_option("DIR", *folder, "The study's folder")->required();
  stop->callback([folder, exit_code] {
    studies::ReadResolvedStudy(studies::StudyFolder(*folder));
    const bool stopped = studies::StopStudy(*folder);
    std::cerr << (stopped ? "stopped; go on: yoake study resume " + *folder : "nothing drives this study")
              << '\n';
    *exit_code = stopped ? 0 : 1;
  });
}

}  // namespace yoake::cli
