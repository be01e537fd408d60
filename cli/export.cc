#include "cli/commands.h"
#include "cli/run_trainer.h"

namespace yoake::cli {

void AddExport(CLI::App& app, int*) {
  AddTrainerCommand(app, "export", "Write a trained checkpoint as an ONNX file (runs yoake-trainer)");
}

}  // namespace yoake::cli
