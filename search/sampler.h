#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/rng.h"
#include "search/history.h"
#include "search/space.h"

namespace yoake {
class JsonReader;
}

namespace yoake::search {

struct Suggestion {
  ParamSet params;                                     // Exactly the active parameters of the space.
  std::map<std::string, nlohmann::json> system_attrs;  // For the store; other workers' strategies read them.
};

// Picks the next configuration. Pure: the suggestion is a function of (space, history, trial number, study
// seed), so a resumed study goes on as if it had never stopped. Implementations are stateless and
// thread-safe.
class Sampler {
 public:
  virtual ~Sampler() = default;
  // `history` holds the other trials, running ones included; the trial itself is skipped by its number. Of
  // the reports only the last one of each pruned trial may be looked at: the others need not be there.
  // `stream` is the study's: implementations split `trial_number` off it, so handing in the trial's own is
  // fine as well.
  virtual Suggestion Suggest(const SearchSpace& space, const History& history, int trial_number,
                             RandomStream stream) const = 0;
};

// "random" | {"type":"tpe","n_startup_trials":10,...}; unknown names and keys are errors with a did-you-mean.
std::unique_ptr<Sampler> MakeSampler(const JsonReader& reader);

// Names MakeSampler knows, for --help and the contract suite.
std::vector<std::string> SamplerNames();

}  // namespace yoake::search
