// Quality and speed of samplers on the test problems, beside the numbers measured with Optuna 5.0-dev.
//
//   bench_tpe [sampler JSON] [seeds]        e.g. bench_tpe '{"type":"tpe","group":true}' 20

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <map>

#include "core/json_reader.h"
#include "problems.h"

namespace yoake::search {
namespace {

// Optuna 5.0-dev's TPE with default settings, 20 seeds: median [quartiles] after 50 and 100 evaluations.
const std::map<std::string, std::pair<const char*, const char*>> kOptuna5 = {
    {"branin2", {"0.50738 [0.42225,0.58653]", "0.41673 [0.4055,0.42799]"}},
    {"hartmann6", {"-2.9921 [-3.0792,-2.8275]", "-3.228 [-3.2457,-3.1462]"}},
    {"ackley10", {"17.937 [16.917,18.372]", "13.404 [12.549,15.736]"}},
    {"rosenbrock5", {"466.33 [233.36,944.79]", "89.934 [57.518,187.01]"}},
    {"rastrigin5", {"28.724 [26.129,34.286]", "23.61 [17.406,30.481]"}},
    {"mixdet", {"0.50791 [0.38349,0.57803]", "0.35582 [0.27387,0.45144]"}},
};

std::string Summary(const std::vector<double>& values) {
  return fmt::format("{:.5g} [{:.5g},{:.5g}]", Quantile(values, 0.5), Quantile(values, 0.25),
                     Quantile(values, 0.75));
}

void Quality(const Sampler& sampler, int seeds) {
  fmt::print("{:<12} {:<28} {:<28} {:<28} {}\n", "problem", "ours @50", "Optuna 5 @50", "ours @100",
             "Optuna 5 @100");
  for (const Problem& problem : Problems()) {
    std::vector<double> at_50, at_100;
    for (int seed = 0; seed < seeds; ++seed) {
      const std::vector<double> best = BestSoFar(problem, sampler, static_cast<std::uint64_t>(seed), 100);
      at_50.push_back(best[49]);
      at_100.push_back(best[99]);
    }
    const auto& [optuna_50, optuna_100] = kOptuna5.at(problem.name);
    fmt::print("{:<12} {:<28} {:<28} {:<28} {}\n", problem.name, Summary(at_50), optuna_50, Summary(at_100),
               optuna_100);
  }
}

void Speed(const Sampler& sampler) {
  const Problem problem = FindProblem("ackley10");
  for (const int n : {100, 500, 1000, 2000}) {
    History history;
    const std::unique_ptr<Sampler> random = [] {
      const nlohmann::json name = "random";
      return MakeSampler(JsonReader(name, "bench"));
    }();
    for (int i = 0; i < n; ++i) {
      TrialRecord trial;
      trial.number = i;
      trial.params = random->Suggest(problem.space, history, i, RandomStream(1)).params;
      trial.values = {problem.evaluate(ExternalValues(trial.params))};
      trial.state = TrialState::kComplete;
      history.trials.push_back(std::move(trial));
    }
    std::vector<double> ms;
    for (int repeat = 0; repeat < 60; ++repeat) {
      const auto start = std::chrono::steady_clock::now();
      (void)sampler.Suggest(problem.space, history, n + repeat, RandomStream(2));
      ms.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    fmt::print("{:>5} trials of 10 parameters: {:.3f} ms a suggestion [{:.3f},{:.3f}]\n", n,
               Quantile(ms, 0.5), Quantile(ms, 0.25), Quantile(ms, 0.75));
  }
}

}  // namespace
}  // namespace yoake::search

int main(int argc, char** argv) {
  using namespace yoake::search;
  const nlohmann::json options = nlohmann::json::parse(argc > 1 ? argv[1] : "\"tpe\"");
  const auto sampler = MakeSampler(yoake::JsonReader(options, "argv[1]"));
  Quality(*sampler, argc > 2 ? std::atoi(argv[2]) : 20);
  Speed(*sampler);
}
