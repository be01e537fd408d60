#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yoake::studies {

// Many processes on one study, some of which die: what storage_processes_test looks at in short and
// bench_parallel at length.
struct ParallelPlan {
  int workers = 8;
  int trials = 200;    // Of the whole study.
  int reports = 5;     // A trial.
  int enqueued = 0;    // Of the trials, with the fixed point x = 0, 1, ..
  int kills = 0;       // By SIGKILL at random moments; another worker takes the dead one's place.
  double grace_s = 2;  // Until a worker without a heartbeat is dead.
  std::uint64_t seed = 1;
};

struct ParallelOutcome {
  std::vector<std::string>
      faults;  // What must not be: a number twice, a lost result, an error of a worker, ..
  int complete = 0;
  int repeated = 0;  // Trials whose worker died, run again.
  double seconds = 0;
  double longest_call_ms = 0;  // Of any call of any worker.
};

// Makes a study "parallel" at `url` and runs it.
ParallelOutcome RunParallel(const std::string& url, const ParallelPlan& plan);

}  // namespace yoake::studies
