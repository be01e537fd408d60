// Hypervolume of the sampler nsga2 beside that of Optuna 3.1's NSGAIISampler (population 50, 10 seeds).
//
//   bench_nsga2 [sampler JSON] [seeds]

#include <fmt/format.h>

#include <cstdlib>
#include <map>

#include "core/json_reader.h"
#include "multi_problems.h"
#include "problems.h"

namespace yoake::search {
namespace {

const std::map<std::string, std::pair<const char*, const char*>> kOptuna31 = {
    {"zdt1", {"5.561 [5.4197,5.5875]", "7.1714 [7.1191,7.1971]"}},
    {"zdt2", {"4.5625 [4.4268,4.6319]", "6.5127 [6.4467,6.6039]"}},
    {"zdt3", {"5.8288 [5.811,5.8738]", "7.4888 [7.4627,7.572]"}},
    {"dtlz2", {"not measured", "not measured"}},
};

std::string Summary(const std::vector<double>& values) {
  return fmt::format("{:.5g} [{:.5g},{:.5g}]", Quantile(values, 0.5), Quantile(values, 0.25),
                     Quantile(values, 0.75));
}

}  // namespace
}  // namespace yoake::search

int main(int argc, char** argv) {
  using namespace yoake::search;
  const nlohmann::json options = nlohmann::json::parse(argc > 1 ? argv[1] : "\"nsga2\"");
  const auto sampler = MakeSampler(yoake::JsonReader(options, "argv[1]"));
  fmt::print("{:<8} {:<26} {:<26} {:<26} {}\n", "problem", "ours @250", "Optuna 3.1 @250", "ours @1000",
             "Optuna 3.1 @1000");
  for (const MultiProblem& problem : MultiProblems()) {
    std::vector<double> at_250, at_1000;
    for (int seed = 0; seed < (argc > 2 ? std::atoi(argv[2]) : 10); ++seed) {
      const auto volumes = Hypervolumes(problem, *sampler, static_cast<std::uint64_t>(seed), {250, 1000});
      at_250.push_back(volumes[0]);
      at_1000.push_back(volumes[1]);
    }
    const auto& [optuna_250, optuna_1000] = kOptuna31.at(problem.name);
    fmt::print("{:<8} {:<26} {:<26} {:<26} {}\n", problem.name, Summary(at_250), optuna_250, Summary(at_1000),
               optuna_1000);
  }
}
