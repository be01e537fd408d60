// When the regret bound ends the searches of the sampler auto, asked before every trial, and what is lost.
//
//   bench_terminators [seeds, 20] [trials without a terminator, 100] [n_min_trials, the default]
//
// lost: searches that would have become better by more than the difference within all trials; regret: the
// best value at the end less the optimum. Values of a noisy problem carry their luck, so their regret may be
// negative.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/json_reader.h"
#include "problems.h"
#include "search/terminators/regret_bound.h"

namespace yoake::search {
namespace {

struct Row {
  const char* problem;
  double difference;
};

constexpr Row kRows[] = {{"branin2", 1},     {"branin2", 0.1},  {"hartmann6", 0.3},  {"hartmann6", 0.05},
                         {"mixdet", 0.2},    {"mixdet", 0.05},  {"layers", 0.05},    {"rosenbrock5", 50},
                         {"griewank4", 0.5}, {"valley5", 0.05}, {"noisy_sphere5", 2}};

Problem Named(const std::string& name) {
  for (Problem& problem : GuardProblems()) {
    if (problem.name == name) return problem;
  }
  return FindProblem(name);
}

struct Totals {
  std::vector<double> stops, regrets, ends, ms;
  int lost = 0;
};

// The number of trials after which the search ends.
int StopOf(const Terminator& terminator, const Problem& problem, const std::vector<TrialRecord>& trials,
           std::vector<double>* ms) {
  History history{{Direction::kMinimize}, {}};
  for (const TrialRecord& trial : trials) {
    const auto begin = std::chrono::steady_clock::now();
    const bool stop = terminator.Decide(problem.space, history, 0).stop;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (history.trials.size() >= 20) ms->push_back(took.count());
    if (stop) break;
    history.trials.push_back(trial);
  }
  return static_cast<int>(history.trials.size());
}

Totals Judge(const Row& row, int seeds, int most, int n_min_trials) {
  const Problem problem = Named(row.problem);
  const nlohmann::json name = "auto";
  const auto sampler = MakeSampler(JsonReader(name, "bench"));
  RegretBoundOptions options;
  options.difference = row.difference;
  if (n_min_trials > 0) options.n_min_trials = n_min_trials;
  const auto terminator = MakeRegretBoundTerminator(options);
  Totals totals;
  for (int seed = 0; seed < seeds; ++seed) {
    const auto trials = RunTrials(problem, *sampler, static_cast<std::uint64_t>(seed), most);
    const int stop = StopOf(*terminator, problem, trials, &totals.ms);
    const double at_stop = BestOf(trials, static_cast<std::size_t>(stop)),
                 at_end = BestOf(trials, trials.size());
    totals.stops.push_back(stop);
    totals.regrets.push_back(at_stop - problem.optimum);
    totals.ends.push_back(at_end - problem.optimum);
    totals.lost += at_stop - at_end > row.difference;
  }
  return totals;
}

}  // namespace
}  // namespace yoake::search

int main(int argc, char** argv) {
  using namespace yoake::search;
  const auto argument = [&](int i, int otherwise) { return argc > i ? std::atoi(argv[i]) : otherwise; };
  const int seeds = argument(1, 20), most = argument(2, 100), n_min_trials = argument(3, 0);
  fmt::print("{:<14} {:>10} {:>22} {:>9} {:>26} {:>20} {:>6} {:>12}\n", "problem", "difference",
             "stop, median [range]", "stopped", "regret there, median, most", fmt::format("after {}", most),
             "lost", "ms a decision");
  for (const Row& row : kRows) {
    const Totals t = Judge(row, seeds, most, n_min_trials);
    fmt::print("{:<14} {:>10} {:>22} {:>6}/{} {:>26} {:>20} {:>4}/{} {:>12.1f}\n", row.problem,
               row.difference,
               fmt::format("{:.0f} [{:.0f}, {:.0f}]", Quantile(t.stops, 0.5), Quantile(t.stops, 0),
                           Quantile(t.stops, 1)),
               std::count_if(t.stops.begin(), t.stops.end(), [&](double stop) { return stop < most; }), seeds,
               fmt::format("{:.3g}, {:.3g}", Quantile(t.regrets, 0.5), Quantile(t.regrets, 1)),
               fmt::format("{:.3g}, {:.3g}", Quantile(t.ends, 0.5), Quantile(t.ends, 1)), t.lost, seeds,
               Quantile(t.ms, 0.5));
    std::fflush(stdout);
  }
}
