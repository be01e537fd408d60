#include <fmt/format.h>

#include "reports/combinations.h"
#include "reports/number_text.h"
#include "reports/sections.h"
#include "reports/study_report.h"

namespace yoake::reports {

std::string SummaryText(const StudyResults& results) {
  std::string text;
  for (const std::string& test : TestNames(results)) {
    for (const Combination& combination : FinishedCombinations(results)) {
      const auto score = combination.best->tests.find(test);
      if (score == combination.best->tests.end()) continue;
      const std::string who = results.factors.empty() ? "" : combination.label + ", ";
      text += fmt::format("{} ({}trial {})\n{}\n", test, who, combination.best->number,
                          ToText(CategoryTable(score->second)));
    }
  }
  const auto ranking = Ranking(results);
  if (ranking.empty()) {
    return text + fmt::format("No trial finished of {}.\n", CountText(results.trials.size(), "trial"));
  }
  const TrialResult& best = *ranking.front();
  const std::string variant = VariantLabel(results, best);
  text += fmt::format("best configuration: trial {}{}, {} {} on the validation set\n", best.number,
                      variant.empty() ? "" : " (" + variant + ")", results.metric, ExpectedText(best));
  for (const auto& [name, value] : best.params.items())
    text += fmt::format("  {} = {}\n", name, ParamText(value));
  return text;
}

}  // namespace yoake::reports
