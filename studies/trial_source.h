#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/sampler.h"
#include "search/space.h"
#include "search/terminator.h"
#include "studies/planner.h"
#include "studies/study_config.h"

namespace yoake::studies {

// What a study runs next. Every combination is searched until it has its trials or its terminator ends it.
// When no search has a trial left to begin, the combinations' best are run again with other seeds, one run at
// a time, until it is decided which is best (search/incumbent.h) or the runs are spent: confirm.best x
// (confirm.seeds - 1) of each combination.
class TrialSource {
 public:
  using Attrs = std::map<std::string, nlohmann::json>;

  // Borrows both.
  TrialSource(const StudyConfig& study, const std::vector<Combination>& combinations);

  // Asks each combination's terminator; one sentence of every search that it ends now.
  std::vector<std::string> Terminate(const search::History& history);
  const Terminated& terminated() const { return terminated_; }

  // User attributes of the next trial, "variant" and of a repeated run "confirms"; nullopt when nothing is
  // left.
  std::optional<Attrs> Next(const search::History& history) const;

  // The combination of a trial that another program enqueued, from the other trials.
  Variant ForEnqueued(const search::History& others) const;

  // Whether a trial needs parameters.
  bool has_params() const { return !space_.entries().empty(); }
  // Of trial `number` of `history`, which has its attributes already: those of the trial it confirms, or
  // PlanParams'.
  search::Suggestion Params(const search::History& history, int number) const;

 private:
  std::optional<std::size_t> NextOpen(const search::History& history) const;  // A combination to search.
  std::optional<Attrs> NextConfirmation(const search::History& history) const;

  const StudyConfig& study_;
  const std::vector<Combination>& combinations_;
  search::SearchSpace space_;
  std::unique_ptr<search::Sampler> sampler_;
  std::unique_ptr<search::Terminator> terminator_;
  Terminated terminated_;
};

}  // namespace yoake::studies
