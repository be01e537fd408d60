#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

// By how much mAP equal trainings that differ in their seed alone are commonly reported to differ
// (open-mmlab/mmdetection issues 3624, 4263, 5637).
constexpr double kCommonSeedNoise = 0.02;

constexpr char kUnlikeValidation[] =
    " The combinations were validated on different sets, so across them only test scores compare.";

struct CombinationStanding {
  const Combination* combination;
  double value;
};

std::string Name(const StudyResults& results, const Combination& combination) {
  const std::string trial = fmt::format("trial {}", combination.best->number);
  return results.factors.empty() ? trial : Code(combination.label) + " (" + trial + ")";
}

// How the trials ended: "24 trials: 18 finished, 4 pruned, 2 failed (1 diverged, 1 out_of_memory)."
std::string Endings(const StudyResults& results) {
  using search::TrialState;
  std::map<TrialState, std::size_t> counts;
  std::map<std::string, std::size_t> reasons;
  for (const TrialResult& trial : results.trials) {
    ++counts[trial.state];
    if (trial.state == TrialState::kFail) ++reasons[trial.reason.value_or("unknown reason")];
  }
  std::string why;
  for (const auto& [reason, count] : reasons)
    why += fmt::format("{}{} {}", why.empty() ? "" : ", ", count, reason);
  std::string text =
      fmt::format("{}: {} finished, {} pruned, {} failed{}", CountText(results.trials.size(), "trial"),
                  counts[TrialState::kComplete], counts[TrialState::kPruned], counts[TrialState::kFail],
                  why.empty() ? "" : " (" + EscapeMarkdown(why) + ")");
  if (counts[TrialState::kRunning] > 0) text += fmt::format(", {} running", counts[TrialState::kRunning]);
  if (counts[TrialState::kWaiting] > 0) text += fmt::format(", {} waiting", counts[TrialState::kWaiting]);
  text += ".";
  if (!results.complete) text += " The study has not come to its end: what follows may change.";
  return text;
}

std::string BestTrialSentence(const StudyResults& results) {
  const TrialResult& best = *Ranking(results).front();
  const std::string variant = VariantLabel(results, best);
  return fmt::format("{}, by which the search chooses, trial {}{} is the best: {} {}.{}",
                     ValidationDiffers(results) ? "On its own validation set" : "On the validation set",
                     best.number, variant.empty() ? "" : " (" + Code(variant) + ")",
                     EscapeMarkdown(results.metric), ExpectedText(best),
                     ValidationDiffers(results) ? kUnlikeValidation : "");
}

// "On `night`, `a / b` (trial 3) leads with mAP 0.412, 0.031 ahead of `c / d` (trial 5) with 0.381."
std::string TestSentence(const StudyResults& results, const std::vector<Combination>& combinations,
                         const std::string& test) {
  std::string metric = "mAP";
  std::vector<CombinationStanding> standings;
  for (const Combination& combination : combinations) {
    const auto score = combination.best->tests.find(test);
    if (score == combination.best->tests.end()) continue;
    metric = TestMetric(results, score->second);
    if (const auto value = metrics::MetricByName(score->second, metric))
      standings.push_back({&combination, *value});
  }
  const std::string on = "On " + Code(test) + ", ";
  if (standings.empty()) return on + "no best trial has a defined score.";
  const auto direction = metric == results.metric ? results.direction : search::Direction::kMaximize;
  std::stable_sort(standings.begin(), standings.end(),
                   [&](const CombinationStanding& a, const CombinationStanding& b) {
                     return IsBetter(a.value, b.value, direction);
                   });
  const CombinationStanding& first = standings.front();
  const std::string score = EscapeMarkdown(metric) + " " + MetricText(first.value);
  if (standings.size() == 1) return on + Name(results, *first.combination) + " scores " + score + ".";
  const CombinationStanding& second = standings[1];
  const double lead = std::abs(first.value - second.value);
  std::string text =
      fmt::format("{}{} leads with {}, {} ahead of {} with {}.", on, Name(results, *first.combination), score,
                  MetricText(lead), Name(results, *second.combination), MetricText(second.value));
  if (lead < kCommonSeedNoise) text += " Too close to call.";
  return text;
}

std::string Caveat(const std::vector<Combination>& combinations, bool tested) {
  if (combinations.size() < 2) {
    return tested ? "The test scores come from one training of one configuration: they have no error bar."
                  : "";
  }
  const bool repeated = std::all_of(combinations.begin(), combinations.end(), [](const Combination& c) {
    return c.best->standing && c.best->standing->runs.size() > 1;
  });
  if (repeated) {
    return tested ? "The validation values come from repeated runs (section Confirmation); a test score is "
                    "that of its configuration's first run alone and has no error bar."
                  : "";
  }
  std::string text = fmt::format(
      "One training a configuration cannot tell a difference from noise: equal trainings that differ in "
      "their seed alone are commonly reported to differ by up to about {:.2f} mAP, and a small test set adds "
      "its own share. No winner is marked here; repeat the leaders with other seeds before deciding.",
      kCommonSeedNoise);
  if (tested) text += " Each combination is represented by the trial that was best on the validation set.";
  const auto fewest_and_most = std::minmax_element(
      combinations.begin(), combinations.end(), [](const Combination& a, const Combination& b) {
        return a.Count(search::TrialState::kComplete) < b.Count(search::TrialState::kComplete);
      });
  const std::size_t fewest = fewest_and_most.first->Count(search::TrialState::kComplete);
  const std::size_t most = fewest_and_most.second->Count(search::TrialState::kComplete);
  if (fewest != most) {
    text += fmt::format(" The combinations did not have equal chances: {} to {} finished trials each.",
                        fewest, most);
  }
  return text;
}

}  // namespace

std::string VerdictSection(const StudyResults& results) {
  std::string text = Heading(2, "Verdict");
  if (results.trials.empty())
    return text + Paragraph("The study has no trials yet: there is nothing to compare.");
  const std::vector<Combination> combinations = FinishedCombinations(results);
  if (combinations.empty()) {
    return text + Paragraph("**No trial finished**, so there is nothing to compare.") +
           Paragraph(Endings(results));
  }
  const std::vector<std::string> tests = TestNames(results);
  std::string sentences;
  for (const std::string& test : tests) sentences += Bullet(TestSentence(results, combinations, test));
  sentences += Bullet(BestTrialSentence(results));
  text += sentences + "\n";
  const std::string caveat = Caveat(combinations, !tests.empty());
  if (!caveat.empty()) text += Paragraph(caveat);
  return text + Paragraph(Endings(results));
}

}  // namespace yoake::reports
