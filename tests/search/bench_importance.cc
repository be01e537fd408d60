// Time of parameter importances over trials, 10 parameters.   bench_importance [repeats of the timing]

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "problems.h"
#include "search/importance.h"
#include "search/samplers/random.h"

int main(int argc, char** argv) {
  using namespace yoake::search;
  const Problem problem = FindProblem("ackley10");
  const auto sampler = MakeRandomSampler();
  History history;
  for (const int n : {100, 1000, 5000}) {
    for (int i = static_cast<int>(history.trials.size()); i < n; ++i) {
      TrialRecord trial;
      trial.number = i;
      trial.state = TrialState::kComplete;
      trial.params = sampler->Suggest(problem.space, history, i, yoake::RandomStream(1)).params;
      trial.values = {problem.evaluate(ExternalValues(trial.params))};
      history.trials.push_back(std::move(trial));
    }
    for (const ImportanceMethod method : {ImportanceMethod::kFanova, ImportanceMethod::kPedAnova}) {
      ImportanceOptions options;
      options.method = method;
      std::vector<double> ms;
      for (int repeat = 0; repeat < (argc > 1 ? std::atoi(argv[1]) : 5); ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        (void)ComputeImportance(history, options);
        ms.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
      }
      fmt::print("{:<10} {:>5} trials of 10 parameters: {:.0f} ms [{:.0f},{:.0f}]\n", ToString(method), n,
                 Quantile(ms, 0.5), Quantile(ms, 0.25), Quantile(ms, 0.75));
    }
  }
}
