// Hypervolume of a sampler on problems of several objectives: median and quartiles over seeds, beside those
// of Optuna 3.1's NSGAIISampler (population 50, 10 seeds).
//
//   bench_nsga2 [sampler JSON] [seeds] [evaluations ...]     default: "nsga2" 10 250 1000

#include <fmt/format.h>

#include <cstdlib>
#include <map>

#include "core/json_reader.h"
#include "multi_problems.h"
#include "problems.h"

namespace yoake::search {
namespace {

const std::map<std::pair<std::string, int>, const char*> kOptuna31 = {
    {{"zdt1", 250}, "5.561 [5.4197, 5.5875]"},  {{"zdt1", 1000}, "7.1714 [7.1191, 7.1971]"},
    {{"zdt2", 250}, "4.5625 [4.4268, 4.6319]"}, {{"zdt2", 1000}, "6.5127 [6.4467, 6.6039]"},
    {{"zdt3", 250}, "5.8288 [5.811, 5.8738]"},  {{"zdt3", 1000}, "7.4888 [7.4627, 7.572]"},
    {{"dtlz2", 250}, "13.391 [13.359, 13.51]"},
};

void Measure(const Sampler& sampler, int seeds, const std::vector<int>& at) {
  fmt::print("| problem | evaluations | ours | Optuna 3.1 NSGA-II |\n|---|---|---|---|\n");
  for (const MultiProblem& problem : MultiProblems()) {
    std::vector<std::vector<double>> volumes(at.size());
    for (int seed = 0; seed < seeds; ++seed) {
      const auto one = Hypervolumes(problem, sampler, static_cast<std::uint64_t>(seed), at);
      for (std::size_t i = 0; i < at.size(); ++i) volumes[i].push_back(one[i]);
    }
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto peer = kOptuna31.find({problem.name, at[i]});
      fmt::print("| {} | {} | {:.5g} [{:.5g}, {:.5g}] | {} |\n", problem.name, at[i],
                 Quantile(volumes[i], 0.5), Quantile(volumes[i], 0.25), Quantile(volumes[i], 0.75),
                 peer == kOptuna31.end() ? "" : peer->second);
    }
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace yoake::search

int main(int argc, char** argv) {
  using namespace yoake::search;
  const nlohmann::json options = nlohmann::json::parse(argc > 1 ? argv[1] : "\"nsga2\"");
  std::vector<int> at;
  for (int i = 3; i < argc; ++i) at.push_back(std::atoi(argv[i]));
  if (at.empty()) at = {250, 1000};
  Measure(*MakeSampler(yoake::JsonReader(options, "argv[1]")), argc > 2 ? std::atoi(argv[2]) : 10, at);
}
