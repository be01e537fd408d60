#include <algorithm>

#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

const metrics::EvalResult* ScoreOf(const Combination& combination, const std::string& test) {
  if (combination.best == nullptr) return nullptr;
  const auto score = combination.best->tests.find(test);
  return score == combination.best->tests.end() ? nullptr : &score->second;
}

Table CrossTable(const StudyResults& results, const std::vector<Combination>& combinations,
                 const std::vector<std::string>& tests) {
  Table table;
  for (const Factor& factor : results.factors) {
    table.columns.push_back({factor.name == "dataset" ? "trained on" : factor.name, Align::kLeft});
  }
  for (const char* title : {"finished", "pruned", "failed", "best trial"}) table.columns.push_back({title});
  table.columns.push_back({"validation " + results.metric});
  for (const std::string& test : tests) {
    table.columns.push_back({test + " mAP"});
    table.columns.push_back({test + " mAP_50"});
  }
  for (const Combination& combination : combinations) {
    std::vector<Cell> row;
    for (const Factor& factor : results.factors) {
      const auto level = combination.variant.find(factor.name);
      row.emplace_back(level == combination.variant.end() ? "" : level->second);
    }
    using search::TrialState;
    for (const TrialState state : {TrialState::kComplete, TrialState::kPruned, TrialState::kFail}) {
      row.emplace_back(std::to_string(combination.Count(state)));
    }
    row.emplace_back(combination.best == nullptr ? "none" : std::to_string(combination.best->number));
    row.emplace_back(combination.best == nullptr ? "" : MetricText(Expected(*combination.best)));
    for (const std::string& test : tests) {
      const metrics::EvalResult* score = ScoreOf(combination, test);
      row.emplace_back(score == nullptr ? "" : MetricText(score->stats.AP));
      row.emplace_back(score == nullptr ? "" : MetricText(score->stats.AP50));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::optional<double> Difference(std::optional<double> from, std::optional<double> to) {
  if (!from || !to) return std::nullopt;
  return *to - *from;
}

// The combination that differs from `from` in one factor alone.
const Combination* Sibling(const std::vector<Combination>& combinations, const Combination& from,
                           const std::string& factor, const std::string& level) {
  auto wanted = from.variant;
  wanted[factor] = level;
  const auto found = std::find_if(combinations.begin(), combinations.end(),
                                  [&](const Combination& each) { return each.variant == wanted; });
  return found == combinations.end() ? nullptr : &*found;
}

std::string OtherLevels(const Combination& combination, const std::string& factor) {
  std::string text;
  for (const auto& [name, level] : combination.variant) {
    if (name != factor) text += (text.empty() ? "" : ", ") + name + " " + level;
  }
  return text;
}

// A row for every pair of combinations that differ in one factor alone, from its first level to another.
Table EffectTable(const StudyResults& results, const std::vector<Combination>& combinations,
                  const std::vector<std::string>& tests) {
  Table table{{{"changed", Align::kLeft}, {"with", Align::kLeft}}, {}};
  table.columns.push_back({"validation " + results.metric});
  for (const std::string& test : tests) table.columns.push_back({test + " mAP"});
  for (const Factor& factor : results.factors) {
    for (std::size_t level = 1; level < factor.levels.size(); ++level) {
      for (const Combination& from : combinations) {
        const auto own = from.variant.find(factor.name);
        if (own == from.variant.end() || own->second != factor.levels.front()) continue;
        const Combination* to = Sibling(combinations, from, factor.name, factor.levels[level]);
        if (to == nullptr) continue;
        std::vector<Cell> row = {factor.name + ": " + factor.levels.front() + " to " + factor.levels[level],
                                 OtherLevels(from, factor.name),
                                 ValidationDiffers(*from.best, *to->best)
                                     ? "other set"
                                     : DeltaText(Difference(Expected(*from.best), Expected(*to->best)))};
        for (const std::string& test : tests) {
          const metrics::EvalResult* a = ScoreOf(from, test);
          const metrics::EvalResult* b = ScoreOf(*to, test);
          row.emplace_back(a == nullptr || b == nullptr ? ""
                                                        : DeltaText(Difference(a->stats.AP, b->stats.AP)));
        }
        table.rows.push_back(std::move(row));
      }
    }
  }
  return table;
}

}  // namespace

std::string CombinationsSection(const StudyResults& results) {
  const std::vector<Combination> combinations = Combinations(results);
  if (results.factors.empty() || combinations.size() < 2) return "";
  const std::vector<std::string> tests = TestNames(results);
  const bool has_dataset = std::any_of(results.factors.begin(), results.factors.end(),
                                       [](const Factor& factor) { return factor.name == "dataset"; });
  std::string text = Heading(2, has_dataset && tests.size() > 1 ? "Trained on, tested on" : "Combinations");
  text += Paragraph("The best trial of each combination, chosen on the validation set.");
  text += ToMarkdown(CrossTable(results, combinations, tests)) + "\n";
  const Table effects = EffectTable(results, FinishedCombinations(results), tests);
  if (!effects.rows.empty()) {
    text += Paragraph("What changing one factor alone does (best trial against best trial):");
    text += ToMarkdown(effects) + "\n";
  }
  return text;
}

}  // namespace yoake::reports
