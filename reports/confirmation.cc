#include <fmt/format.h>

#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

std::string ValuesText(const StudyResults& results, const std::vector<int>& runs) {
  std::string text;
  for (const int run : runs) {
    const TrialResult* trial = Find(results, run);
    if (trial != nullptr) text += (text.empty() ? "" : ", ") + MetricText(trial->value);
  }
  return text;
}

// Whether the highest single value of a combination was luck.
std::string LuckSentence(const StudyResults& results, const std::vector<const TrialResult*>& ranking,
                         const TrialResult& best) {
  const TrialResult* luckiest = nullptr;
  for (const TrialResult* trial : ranking) {
    if (trial->variant != best.variant) continue;
    if (luckiest == nullptr || IsBetter(*trial->value, *luckiest->value, results.direction)) luckiest = trial;
  }
  const std::string label = VariantLabel(results, best);
  std::string text = (label.empty() ? "" : Code(label) + ": ") +
                     fmt::format("trial {} is expected to give {} ({}).", best.number,
                                 EstimateText(best.standing->estimate, best.standing->standard_error),
                                 CountText(best.standing->runs.size(), "run"));
  if (luckiest == &best) return text + " It had the best single value of the search too.";
  text += fmt::format(" The best single value, {}, was trial {}'s", MetricText(luckiest->value),
                      luckiest->number);
  const auto& standing = luckiest->standing;
  if (!standing || standing->runs.size() < 2) return text + ", which was not run again.";
  return text +
         fmt::format(": the mean of its {} runs is {}.", standing->runs.size(), MetricText(standing->mean));
}

}  // namespace

std::string ConfirmationSection(const StudyResults& results, const std::string& picture) {
  Table table{{{"trial"}, {"runs"}, {"values", Align::kLeft}, {"mean"}, {"estimate"}}, {}};
  if (!results.factors.empty()) table.columns.insert(table.columns.begin(), {"variant", Align::kLeft});
  const std::vector<const TrialResult*> ranking = Ranking(results);
  std::string sentences;
  for (const Combination& combination : FinishedCombinations(results)) {
    std::vector<const TrialResult*> confirmed;
    for (const TrialResult* trial : ranking) {
      const bool repeated = trial->standing && trial->standing->runs.size() > 1;
      if (repeated && trial->variant == combination.variant) confirmed.push_back(trial);
    }
    if (confirmed.empty()) continue;
    sentences += Bullet(LuckSentence(results, ranking, *confirmed.front()));
    for (const TrialResult* trial : confirmed) {
      const Standing& standing = *trial->standing;
      std::vector<Cell> row;
      if (!results.factors.empty()) row.emplace_back(combination.label);
      row.emplace_back(std::to_string(trial->number));
      row.emplace_back(std::to_string(standing.runs.size()));
      row.emplace_back(ValuesText(results, standing.runs));
      row.emplace_back(MetricText(standing.mean));
      row.emplace_back(EstimateText(standing.estimate, standing.standard_error));
      table.rows.push_back(std::move(row));
    }
  }
  if (table.rows.empty()) return "";
  return Heading(2, "Confirmation") +
         Paragraph(
             "The best configurations were run again with other seeds, until one could be told from the "
             "others or the runs were spent. The estimate is what another run is expected to give, with its "
             "standard error: the mean, drawn towards the better half of the configurations, because the "
             "best of many single values was lucky.") +
         sentences + "\n" + (picture.empty() ? "" : Image("Repeated runs", picture)) + ToMarkdown(table) +
         "\n";
}

}  // namespace yoake::reports
