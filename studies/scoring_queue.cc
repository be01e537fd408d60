#include "studies/scoring_queue.h"

namespace yoake::studies {

void ScoringQueue::Add(int number, double value, const TrialStory& story, const nlohmann::json& tests) {
  Job job{{number, value, story, {}}, {}};
  if (tests.is_object()) {
    for (const auto& [name, spec] : tests.items()) job.tests.emplace(job.tests.begin(), name, spec);
  }
  jobs_.push_back(std::move(job));
}

void ScoringQueue::Drop(int number) {
  std::erase_if(jobs_, [number](const Job& job) { return job.scored.number == number; });
}

std::optional<ScoringQueue::Scored> ScoringQueue::Step() {
  if (jobs_.empty()) return std::nullopt;
  Job& job = jobs_.front();
  if (!job.tests.empty()) {
    const auto [name, spec] = std::move(job.tests.back());
    job.tests.pop_back();
    const std::string trouble = scorer_.Score(job.scored.number, name, spec, job.scored.story);
    if (!trouble.empty()) job.scored.warnings.push_back(trouble);
  }
  if (!job.tests.empty()) return std::nullopt;
  Scored scored = std::move(job.scored);
  jobs_.pop_front();
  return scored;
}

}  // namespace yoake::studies
