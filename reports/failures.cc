#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/display_text.h"
#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

constexpr int kMaxMessage = 200;
constexpr std::size_t kMaxNumbers = 12;

std::vector<const TrialResult*> InState(const StudyResults& results, search::TrialState state) {
  std::vector<const TrialResult*> trials;
  for (const TrialResult& trial : results.trials) {
    if (trial.state == state) trials.push_back(&trial);
  }
  return trials;
}

// "trials 0, 3, 5" or "trials 0, 1, .. and 20 more".
std::string NumberList(const std::vector<int>& numbers) {
  std::string text = numbers.size() == 1 ? "trial " : "trials ";
  for (std::size_t i = 0; i < std::min(numbers.size(), kMaxNumbers); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(numbers[i]);
  }
  if (numbers.size() > kMaxNumbers) text += fmt::format(" and {} more", numbers.size() - kMaxNumbers);
  return text;
}

std::string MoreNote(std::size_t total, std::size_t limit) {
  return total > limit ? Paragraph(fmt::format("And {} more; results.json has them all.", total - limit))
                       : "";
}

}  // namespace

std::string FailuresSection(const StudyResults& results, const std::string& folder_prefix,
                            std::size_t limit) {
  const auto failed = InState(results, search::TrialState::kFail);
  if (failed.empty()) return "";
  Table table{{{"trial"}}, {}};
  if (!results.factors.empty()) table.columns.push_back({"variant", Align::kLeft});
  for (const char* title : {"reason", "message", "folder"}) table.columns.push_back({title, Align::kLeft});
  table.columns.push_back({"attempts"});
  for (std::size_t i = 0; i < std::min(failed.size(), limit); ++i) {
    const TrialResult& trial = *failed[i];
    std::vector<Cell> row = {std::to_string(trial.number)};
    if (!results.factors.empty()) row.emplace_back(VariantLabel(results, trial));
    row.emplace_back(trial.reason.value_or("unknown"));
    row.emplace_back(Shortened(trial.message.value_or(""), kMaxMessage));
    row.emplace_back(trial.folder, trial.folder.empty() ? "" : folder_prefix + trial.folder);
    row.emplace_back(std::to_string(trial.attempts));
    table.rows.push_back(std::move(row));
  }
  return Heading(2, "Failures") + ToMarkdown(table) + "\n" + MoreNote(failed.size(), limit);
}

std::string PrunedSection(const StudyResults& results) {
  const auto pruned = InState(results, search::TrialState::kPruned);
  if (pruned.empty()) return "";
  Table table;
  if (!results.factors.empty()) table.columns.push_back({"variant", Align::kLeft});
  for (const char* title : {"pruned", "last value, best", "epochs run, median"})
    table.columns.push_back({title});
  table.columns.push_back({"trials", Align::kLeft});
  for (const Combination& combination : Combinations(results)) {
    std::vector<int> numbers;
    std::vector<int> epochs;
    std::optional<double> best;
    for (const TrialResult* trial : combination.trials) {
      if (trial->state != search::TrialState::kPruned) continue;
      numbers.push_back(trial->number);
      epochs.push_back(trial->epochs);
      if (trial->value && (!best || IsBetter(*trial->value, *best, results.direction))) best = trial->value;
    }
    if (numbers.empty()) continue;
    std::sort(epochs.begin(), epochs.end());
    std::vector<Cell> row;
    if (!results.factors.empty()) row.emplace_back(combination.label);
    row.emplace_back(std::to_string(numbers.size()));
    row.emplace_back(MetricText(best));
    row.emplace_back(std::to_string(epochs[epochs.size() / 2]));
    row.emplace_back(NumberList(numbers));
    table.rows.push_back(std::move(row));
  }
  return Heading(2, "Pruned") +
         Paragraph(fmt::format("Stopped early by the pruner: {}.", CountText(pruned.size(), "trial"))) +
         ToMarkdown(table) + "\n";
}

std::string WarningsSection(const StudyResults& results, std::size_t limit) {
  // One line a different text, in order of first appearance.
  std::vector<std::string> texts;
  std::map<std::string, std::vector<int>> numbers;
  const auto add = [&](const std::string& text, int number) {
    auto& of_text = numbers[text];
    if (of_text.empty()) texts.push_back(text);
    if (of_text.empty() || of_text.back() != number) of_text.push_back(number);
  };
  for (const TrialResult& trial : results.trials) {
    for (const std::string& warning : trial.warnings) add(warning, trial.number);
    for (const auto& [test, score] : trial.tests) {
      for (const std::string& warning : score.warnings) add(test + ": " + warning, trial.number);
    }
  }
  if (texts.empty()) return "";
  std::string list;
  for (std::size_t i = 0; i < std::min(texts.size(), limit); ++i) {
    list += Bullet(EscapeMarkdown(Shortened(texts[i], 2 * kMaxMessage)) + " (" +
                   NumberList(numbers[texts[i]]) + ")");
  }
  return Heading(2, "Warnings") + list + "\n" + MoreNote(texts.size(), limit);
}

}  // namespace yoake::reports
