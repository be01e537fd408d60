#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/sampler.h"
#include "studies/storage/storage.h"

namespace yoake::studies {

// One study in its store, with a copy of the history at hand, so that a report a second costs no reading. The
// copy is read anew with every trial that starts (other programs may use the store too) and follows this
// driver's own writes in between. Borrows the storage, which must outlive it.
class TrialLedger {
 public:
  // `claim` (storage.h) is this driver's on every trial it starts or takes over.
  TrialLedger(Storage& storage, std::string study, std::string claim = "");

  const search::History& history() const { return history_; }
  const search::TrialRecord& At(int number) const;
  void Refresh();

  // A waiting trial, or a new one when `admit` (StartOptions) wants one.
  std::optional<int> Start(decltype(StartOptions::admit) admit);
  // A RUNNING trial whose worker is known to be gone.
  void TakeOver(int number);
  // Renews the heartbeats of the trials of this driver; returns the numbers of those it has lost.
  std::vector<int> Beat() { return storage_.BeatTrials(study_); }
  std::vector<StaleTrial> FailStale(const StaleRule& rule) { return storage_.FailStaleTrials(study_, rule); }
  // Whether another worker runs a trial, by the history as it was last read.
  bool OthersRun() const;
  bool IsAnothers(const search::TrialRecord& trial) const;

  void SetParams(int number, const search::Suggestion& suggestion);
  void SetUserAttr(int number, const std::string& key, const nlohmann::json& value);
  void SetSystemAttr(int number, const std::string& key, const nlohmann::json& value);
  void Report(int number, int step, double value);
  void Finish(int number, search::TrialState state, const std::vector<double>& values);

  // The trial's process has ended with `value`, only its tests are still to be scored: Forecast() has it
  // complete from now on, the store after Finish().
  void Expect(int number, double value) { expected_[number] = value; }
  search::History Forecast() const;
  // The trial is another driver's by now.
  void Drop(int number) { expected_.erase(number); }

 private:
  search::TrialRecord& Record(int number) { return const_cast<search::TrialRecord&>(At(number)); }

  Storage& storage_;
  std::string study_;
  std::string claim_;
  search::History history_;
  std::map<int, double> expected_;
};

}  // namespace yoake::studies
