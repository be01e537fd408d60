#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/study_commands.h"
#include "cli/this_program.h"
#include "core/error.h"
#include "studies/duration.h"
#include "studies/study.h"

namespace yoake::cli {
namespace {

struct WorkerArguments {
  std::string storage;
  std::string study;
  std::string out;
  std::string devices;
  std::string stale_after;
  int count = 0;
};

std::string HostAndProcess() {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  return fmt::format("{}-{}", host, getpid());
}

int Work(const WorkerArguments& arguments) {
  studies::RunnerOptions options;
  if (arguments.count != 0) options.count = arguments.count;
  if (!arguments.stale_after.empty()) {
    constexpr int kBeats = 4;  // Lost in a row before a worker is taken for dead.
    options.attendance.stale.grace_s = studies::ParseDuration(arguments.stale_after);
    options.attendance.beat_s = options.attendance.stale.grace_s / kBeats;
  }
  const std::filesystem::path folder =
      arguments.out.empty() ? std::filesystem::path("runs") / arguments.study / ("worker-" + HostAndProcess())
                            : std::filesystem::path(arguments.out);
  std::vector<std::string> devices;
  if (!arguments.devices.empty()) devices.push_back(arguments.devices);
  studies::RunnerEnd end;
  {
    ProgressPrinter progress("value");
    end = studies::WorkOnStudy(arguments.storage, arguments.study, devices, folder, ThisProgram(), progress,
                               options);
  }
  std::cerr << "yoake: " << (end.complete ? "the study is complete" : end.why) << '\n';
  return end.complete || end.counted_out ? 0 : 1;
}

}  // namespace

void AddStudyWorker(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("worker", "One of many workers on a study in a store");
  command->footer(
      "Example:\n"
      "  yoake study create night.json --storage postgresql://me@server/yoake\n"
      "  srun -n 8 yoake study worker --storage postgresql://me@server/yoake --study night --devices cuda:0\n"
      "A worker keeps no state: kill it at any time, and another one runs its trials again. Passwords are "
      "best left to\n~/.pgpass. Exit code 0: the study is complete, or --count trials have been run.");
  auto arguments = std::make_shared<WorkerArguments>();
  command->add_option("--storage", arguments->storage, "The store: sqlite:///FILE or postgresql://..")
      ->required();
  command->add_option("--study", arguments->study, "The study's name")->required();
  command->add_option("--count", arguments->count, "Run so many trials, then end (default: until complete)")
      ->check(CLI::PositiveNumber);
  command->add_option("--devices", arguments->devices, "Slots: cpu:2 or cuda:0,1 (default: the study's)");
  command->add_option("--out", arguments->out,
                      "Folder of its trials' files (default runs/STUDY/worker-HOST-PROCESS)");
  command->add_option(
      "--stale-after", arguments->stale_after,
      "A worker without a heartbeat for this time is dead: 60s (default), 5m; the same for all");
  command->callback([arguments, exit_code] { *exit_code = Work(*arguments); });
}

}  // namespace yoake::cli
