#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

std::set<std::string> ParamNames(const std::vector<const TrialResult*>& trials) {
  std::set<std::string> names;
  for (const TrialResult* trial : trials) {
    for (const auto& [name, value] : trial->params.items()) names.insert(name);
  }
  return names;
}

}  // namespace

std::string RankingSection(const StudyResults& results, const std::string& folder_prefix, std::size_t limit) {
  std::vector<const TrialResult*> ranking = Ranking(results);
  if (ranking.empty()) return "";
  const std::size_t total = ranking.size();
  if (ranking.size() > limit) ranking.resize(limit);

  const std::vector<std::string> tests = TestNames(results);
  const std::set<std::string> params = ParamNames(ranking);
  Table table{{{"rank"}, {"trial"}}, {}};
  if (!results.factors.empty()) table.columns.push_back({"variant", Align::kLeft});
  table.columns.push_back({"validation " + results.metric});
  const bool repeated = std::any_of(ranking.begin(), ranking.end(),
                                    [](const TrialResult* trial) { return trial->standing.has_value(); });
  if (repeated) {
    table.columns.push_back({"runs"});
    table.columns.push_back({"estimate"});
  }
  for (const std::string& test : tests) table.columns.push_back({test + " mAP"});
  for (const std::string& name : params) table.columns.push_back({name});
  table.columns.push_back({"time"});

  for (std::size_t i = 0; i < ranking.size(); ++i) {
    const TrialResult& trial = *ranking[i];
    std::vector<Cell> row = {std::to_string(i + 1)};
    row.emplace_back(std::to_string(trial.number), trial.folder.empty() ? "" : folder_prefix + trial.folder);
    if (!results.factors.empty()) row.emplace_back(VariantLabel(results, trial));
    row.emplace_back(MetricText(trial.value));
    if (repeated) {
      const std::optional<Standing>& standing = trial.standing;
      row.emplace_back(standing ? std::to_string(standing->runs.size()) : "1");
      row.emplace_back(standing ? EstimateText(standing->estimate, standing->standard_error) : "");
    }
    for (const std::string& test : tests) {
      const auto score = trial.tests.find(test);
      row.emplace_back(score == trial.tests.end() ? "" : MetricText(score->second.stats.AP));
    }
    for (const std::string& name : params) {
      row.emplace_back(trial.params.contains(name) ? ParamText(trial.params[name]) : "");
    }
    row.emplace_back(DurationText(trial.seconds));
    table.rows.push_back(std::move(row));
  }
  std::string text = Heading(2, "Ranking");
  const std::string by = fmt::format("By {} on the validation set{}", EscapeMarkdown(results.metric),
                                     repeated ? " as it is expected of another run" : "");
  text += Paragraph(total > limit ? fmt::format("{}: the best {} of {} finished trials.", by, limit, total)
                                  : fmt::format("{}: {}.", by, CountText(total, "finished trial")));
  if (ValidationDiffers(results)) {
    text += Paragraph(
        "Not every trial was validated on the same set: compare validation values within a variant only.");
  }
  return text + ToMarkdown(table) + "\n";
}

}  // namespace yoake::reports
