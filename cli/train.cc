#include "cli/commands.h"
#include "cli/run_trainer.h"

namespace yoake::cli {

void AddTrain(CLI::App& app, int*) {
  AddTrainerCommand(app, "train", "Train one detector from a configuration (runs yoake-trainer)");
}

}  // namespace yoake::cli
