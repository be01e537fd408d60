#include "cli/commands.h"
#include "cli/study_commands.h"

namespace yoake::cli {

void AddStudy(CLI::App& app, int* exit_code) {
  auto* study = app.add_subcommand("study", "Search: run a study, go on with it, look at it");
  study->footer(
      "Example:\n"
      "  yoake study run configs/studies/demo.json --out runs/demo trials=4\n"
      "  yoake study status runs/demo");
  study->require_subcommand(1);
  AddStudyRun(*study, exit_code);
  AddStudyResume(*study, exit_code);
  AddStudyWorker(*study, exit_code);
  AddStudyShow(*study, exit_code);
  AddStudyAnalyse(*study, exit_code);
}

}  // namespace yoake::cli
