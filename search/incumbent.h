#pragma once

#include <optional>
#include <vector>

#include "search/history.h"

namespace yoake::search {

// One configuration and what is known of it. Values are in the study's own direction.
struct Candidate {
  const TrialRecord* trial = nullptr;  // Its first complete run; borrowed from the history.
  std::vector<int> runs;               // Numbers of its complete runs, ascending.
  int unscored = 0;                    // Runs without a value: under way, waiting, failed.
  double mean = 0;                     // Of its values.
  // What another run is expected to give. Where repeated values differ, the mean pulled towards those of the
  // better half of the configurations, the more so the fewer its runs (Efron and Morris, 1975): the best of
  // many single values was lucky, and says less than a good mean of several.
  double estimate = 0;
  std::optional<double> standard_error;  // Of the estimate; nullopt where no value was repeated.
};

// Every configuration with a feasible complete run, of a study of one objective, the best estimate first (of
// equal ones the older). Trials that agree in all parameters, and in the variant of
// a study that has some, are runs of one configuration.
std::vector<Candidate> RankCandidates(const History& history);

// Which configurations to run again, so that the best is found in spite of the noise.
struct RaceOptions {
  int contenders = 5;  // The best so many may win; at least 1.
  int max_runs = 10;   // Of any one configuration; at least 2.
  double interval =
      1.5;  // Half an interval's length, in standard errors; above 0. Larger is surer and costs more.

  void Validate() const;
};

// The configuration to run once more, or nullopt when the race is decided: the intervals of all others lie
// beyond the leader's, or those that do not have had all their runs. Of the leader and of the challenger that
// could be the best it picks the one that is known less well (LUCB; Kalyanakrishnan et al., 2012). While
// nothing was repeated, the contenders are first run once more each, the best first; a single one has all its
// runs. Pure; a caller counts its budget.
std::optional<Candidate> NextToConfirm(const History& history, const RaceOptions& options);

}  // namespace yoake::search
