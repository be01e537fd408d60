#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/sampler.h"
#include "search/space.h"
#include "studies/storage/storage.h"

namespace yoake::studies {

// Ask for a trial, evaluate it anywhere, tell the result: any program in any language can be the objective.

// Parameters of a started trial, from the history of the others. What stands in its "fixed_params" (the trial
// was enqueued) is taken as it is, the sampler fills in the rest, parameters that become active by a fixed
// choice included. Throws Error{kConfig} for a fixed value outside the space or a name it does not have.
search::Suggestion SuggestParams(const search::SearchSpace& space, const search::Sampler& sampler,
                                 const search::History& history, const search::TrialRecord& trial,
                                 std::uint64_t seed);

// Starts the next trial of the study, suggests and stores its parameters. `keep`, when given, chooses the
// trials that the sampler sees (with Reports::kLastOfPruned). An enqueued trial that does not fit the space
// ends as FAIL with its "reason", and the next one is started.
search::TrialRecord AskTrial(Storage& storage, const std::string& study, const search::SearchSpace& space,
                             const search::Sampler& sampler, std::uint64_t seed,
                             const std::function<bool(const search::TrialRecord&)>& keep = {});

// What an ask may say of its study. A new study remembers it (user attributes yoake:space, yoake:sampler and
// yoake:seed), so that later asks need nothing; a study that exists only accepts the same again.
struct AskOptions {
  std::optional<nlohmann::json> space;  // As in a study file. Required for a new study.
  std::string space_source = "--space";
  std::vector<search::Direction> directions;  // Empty: minimize.
  std::optional<nlohmann::json> sampler;      // A name or {"type": ..}. Default "auto".
  std::optional<std::uint64_t> seed;          // Default 0.
};

// Makes the study when it is absent, then asks it. Throws Error{kUsage} or Error{kConfig} before a trial is
// started when options are wrong, lacking or others than the study's own.
search::TrialRecord Ask(Storage& storage, const std::string& study, const AskOptions& options);

struct TellOptions {
  search::TrialState state = search::TrialState::kComplete;  // COMPLETE, PRUNED or FAIL.
  std::vector<double> values;  // One an objective for COMPLETE. PRUNED without: the last report.
  std::string reason;          // Stored as the user attribute "reason".
};

// Ends a trial and returns it. A NaN among the values makes it FAIL, as Optuna does: samplers cannot learn
// from it. Throws Error{kUsage} for an unknown study or number, a trial that is finished already or values
// that do not fit.
search::TrialRecord Tell(Storage& storage, const std::string& study, int number, const TellOptions& options);

}  // namespace yoake::studies
