#pragma once

#include "trainer/config/train_config.h"
#include "trainer/data/run_data.h"
#include "trainer/run/train_loop.h"

namespace yoake::trainer {

// Trains in a child process, or in nproc_per_node of them. When memory runs out there, another child goes on
// from weights/last.pt with less (memory_steps.h): what a process has once taken is hardly ever given back,
// and some libraries do not survive an allocation that fails. Each step stands in the log, as a notice in
// events.jsonl and in memory.json, by which a resume keeps to it; with nothing left to give up the trial
// fails as out_of_memory.
//
// Memory has run out when the child says so (an exception), when it crashes hard at a limit of its own
// (ulimit -v, -d), or when the kernel kills it for its control group's or the machine's memory. Another crash
// ends this process by the same signal. SIGTERM, SIGINT and SIGUSR1 to this process are handed to the
// (leading) child as SIGUSR1, a second one as SIGKILL.
//
// Returns the exit code, in the children too: return it from main() without doing more. Call it without other
// threads.
int TrainInAttempts(const TrainConfig& config, const RunData& data, TrainOptions options);

}  // namespace yoake::trainer
