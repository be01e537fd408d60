#include "studies/trial_source.h"

#include <algorithm>
#include <utility>

#include "core/clock.h"
#include "core/json_reader.h"
#include "search/incumbent.h"

namespace yoake::studies {
namespace {

// Runs that confirmed, or were to.
int Confirmations(const search::History& own) {
  return static_cast<int>(std::count_if(own.trials.begin(), own.trials.end(),
                                        [](const auto& trial) { return ConfirmedTrial(trial).has_value(); }));
}

}  // namespace

TrialSource::TrialSource(const StudyConfig& study, const std::vector<Combination>& combinations)
    : study_(study),
      combinations_(combinations),
      space_(search::ParseSearchSpace(JsonReader(study.space, study.name, "$.space"))),
      sampler_(search::MakeSampler(JsonReader(study.sampler, study.name, "$.sampler"))),
      terminator_(search::MakeTerminator(JsonReader(study.terminator, study.name, "$.terminator"))) {}

std::vector<std::string> TrialSource::Terminate(const search::History& history) {
  std::vector<std::string> ends;
  for (const Combination& combination : combinations_) {
    if (terminated_.contains(combination.variant)) continue;
    const search::StopDecision decision =
        terminator_->Decide(space_, HistoryOf(history, combination.variant), UnixSeconds());
    if (!decision.stop) continue;
    terminated_[combination.variant] = decision.reason;
    const std::string label = combination.Label();
    ends.push_back((label.empty() ? "" : label + ": ") + "the search ends: " + decision.reason);
  }
  return ends;
}

std::optional<std::size_t> TrialSource::NextOpen(const search::History& history) const {
  return NextCombination(history, combinations_, study_.trials, terminated_);
}

std::optional<TrialSource::Attrs> TrialSource::Next(const search::History& history) const {
  if (const auto open = NextOpen(history)) return Attrs{{"variant", combinations_[*open].variant}};
  return NextConfirmation(history);
}

// Of the combination that was confirmed least, so that all progress equally.
std::optional<TrialSource::Attrs> TrialSource::NextConfirmation(const search::History& history) const {
  const ConfirmConfig& confirm = study_.confirm;
  if (confirm.best == 0) return std::nullopt;
  const search::RaceOptions race{confirm.best, confirm.seeds, confirm.interval};
  std::optional<Attrs> next;
  int fewest = confirm.best * (confirm.seeds - 1);
  for (const Combination& combination : combinations_) {
    const search::History own = HistoryOf(history, combination.variant);
    const int runs = Confirmations(own);
    if (runs >= fewest) continue;
    if (const auto candidate = search::NextToConfirm(own, race)) {
      next = Attrs{{"variant", combination.variant}, {"confirms", candidate->trial->number}};
      fewest = runs;
    }
  }
  return next;
}

Variant TrialSource::ForEnqueued(const search::History& others) const {
  return combinations_[NextOpen(others).value_or(0)].variant;
}

search::Suggestion TrialSource::Params(const search::History& history, int number) const {
  const search::TrialRecord* own = search::Find(history, number);
  if (const auto confirmed = own == nullptr ? std::nullopt : ConfirmedTrial(*own)) {
    if (const search::TrialRecord* first = search::Find(history, *confirmed)) return {first->params, {}};
  }
  return PlanParams(*sampler_, space_, history, number, study_.seed);
}

}  // namespace yoake::studies
