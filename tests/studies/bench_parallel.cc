// Many processes on one store, at length, with figures; exit code 1 when anything was lost.
//   bench_parallel URL [WORKERS TRIALS_EACH KILLS]      URL: of a store that holds no study "parallel"
// Runs twice the same: once in peace, once with KILLS workers killed by SIGKILL (another URL: URL with
// "_killed" behind the database's name is used for it, make it first on PostgreSQL).

#include <cstdio>
#include <cstdlib>
#include <string>

#include "studies/storage/storage.h"
#include "tests/studies/parallel_workers.h"

namespace yoake::studies {
namespace {

bool Run(const std::string& url, const ParallelPlan& plan) {
  const ParallelOutcome outcome = RunParallel(url, plan);
  std::printf(
      "%d processes, %d trials (%d enqueued), %d reports each, %d kills: %d complete, %d run again, %.1f s "
      "(%.2f ms a trial), longest call %.0f ms, %zu faults\n",
      plan.workers, plan.trials, plan.enqueued, plan.reports, plan.kills, outcome.complete, outcome.repeated,
      outcome.seconds, 1e3 * outcome.seconds / plan.trials, outcome.longest_call_ms, outcome.faults.size());
  for (std::size_t i = 0; i < outcome.faults.size() && i < 10; ++i)
    std::printf("  %s\n", outcome.faults[i].c_str());
  return outcome.faults.empty();
}

}  // namespace
}  // namespace yoake::studies

int main(int argc, char** argv) {
  using namespace yoake::studies;
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_parallel URL [WORKERS TRIALS_EACH KILLS]\n");
    return 2;
  }
  const std::string url = argv[1];
  ParallelPlan plan;
  plan.workers = argc > 2 ? std::atoi(argv[2]) : 8;
  plan.trials = plan.workers * (argc > 3 ? std::atoi(argv[3]) : 200);
  plan.enqueued = plan.trials / 4;
  const bool in_peace = Run(url, plan);
  plan.kills = argc > 4 ? std::atoi(argv[4]) : 40;
  const std::size_t end = url.ends_with(".db") ? url.size() - 3 : url.size();
  const bool with_kills = Run(url.substr(0, end) + "_killed" + url.substr(end), plan);
  return in_peace && with_kills ? 0 : 1;
}
