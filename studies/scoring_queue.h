#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "studies/test_scores.h"

namespace yoake::studies {

// Finished trials whose detections are still to be scored, one test set at a time, oldest trial first.
class ScoringQueue {
 public:
  explicit ScoringQueue(const StudyFolder& folder) : scorer_(folder) {}

  bool empty() const { return jobs_.empty(); }
  std::size_t size() const { return jobs_.size(); }

  // `value`: the trial's; `tests`: its test sets, name -> dataset.
  void Add(int number, double value, const TrialStory& story, const nlohmann::json& tests);

  // Forgets a trial.
  void Drop(int number);

  // Scores one test set. The trial whose last one it was, with the warnings that came up.
  struct Scored {
    int number = 0;
    double value = 0;
    TrialStory story;
    std::vector<std::string> warnings;
  };
  std::optional<Scored> Step();

 private:
  struct Job {
    Scored scored;
    std::vector<std::pair<std::string, nlohmann::json>> tests;  // Last one first.
  };

  TestScorer scorer_;
  std::deque<Job> jobs_;
};

}  // namespace yoake::studies
