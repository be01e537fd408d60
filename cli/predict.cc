#include "cli/commands.h"
#include "cli/run_trainer.h"

namespace yoake::cli {

void AddPredict(CLI::App& app, int*) {
  AddTrainerCommand(app, "predict",
                    "Detect with a checkpoint or an ONNX file, draw the boxes (runs yoake-trainer)");
}

}  // namespace yoake::cli
