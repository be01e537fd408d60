#include "trainer/assign/assigner.h"

#include "core/error.h"
#include "trainer/assign/simota.h"
#include "trainer/assign/task_aligned.h"

namespace yoake::trainer {

std::unique_ptr<Assigner> MakeAssigner(const AssignerConfig& config) {
  if (config.type == "SimOTA") return std::make_unique<SimOta>(config);
  if (config.type == "TaskAligned") return std::make_unique<TaskAligned>(config);
  throw Error(ErrorKind::kConfig, "unknown assigner \"" + config.type + "\"; known: SimOTA, TaskAligned",
              "assigner.type");
}

}  // namespace yoake::trainer
