#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/display_text.h"
#include "core/json_patch.h"
#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMaxColumns = 6;
constexpr int kMaxCell = 40;

struct Configuration {
  std::string title;
  std::map<std::string, nlohmann::json> leaves;
};

// The best trial of every combination, the best six by value; without variants the best three trials.
std::vector<Configuration> Configurations(const StudyResults& results) {
  const std::vector<Combination> combinations = FinishedCombinations(results);
  const std::vector<const TrialResult*> ranking = Ranking(results);
  std::vector<const TrialResult*> shown;
  for (const TrialResult* trial : ranking) {
    const bool leads = std::any_of(combinations.begin(), combinations.end(),
                                   [&](const Combination& combination) { return combination.best == trial; });
    if (combinations.size() > 1 ? leads && shown.size() < kMaxColumns : shown.size() < 3)
      shown.push_back(trial);
  }
  if (combinations.size() > 1) {
    std::vector<const TrialResult*> ordered;
    for (const Combination& combination : combinations) {
      if (std::find(shown.begin(), shown.end(), combination.best) != shown.end())
        ordered.push_back(combination.best);
    }
    shown = std::move(ordered);
  }
  std::vector<Configuration> configurations;
  for (const TrialResult* trial : shown) {
    const std::string label = VariantLabel(results, *trial);
    Configuration configuration{label.empty() ? fmt::format("trial {}", trial->number)
                                              : fmt::format("{} (trial {})", label, trial->number),
                                {}};
    for (auto& [path, value] : Flatten(trial->config)) configuration.leaves[path] = std::move(value);
    configurations.push_back(std::move(configuration));
  }
  return configurations;
}

std::string ExactJson(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string ShortText(const nlohmann::json& value) {
  const std::string text = ParamText(value);
  return Shortened(text, kMaxCell, /*keep_tail=*/value.is_string() && text.find('/') != std::string::npos);
}

// One key's values, shortened unless that would make two different ones look alike.
std::vector<Cell> ValueCells(const std::vector<Configuration>& configurations, const std::string& path) {
  std::map<std::string, nlohmann::json> by_text;
  bool ambiguous = false;
  for (const Configuration& each : configurations) {
    const auto leaf = each.leaves.find(path);
    if (leaf == each.leaves.end()) continue;
    const auto [known, is_new] = by_text.emplace(ShortText(leaf->second), leaf->second);
    ambiguous = ambiguous || (!is_new && known->second != leaf->second);
  }
  std::vector<Cell> cells;
  for (const Configuration& each : configurations) {
    const auto leaf = each.leaves.find(path);
    if (leaf == each.leaves.end()) {
      cells.emplace_back("(absent)");
    } else {
      cells.emplace_back(ambiguous ? ExactJson(leaf->second) : ShortText(leaf->second));
    }
  }
  return cells;
}

}  // namespace

std::string DifferencesSection(const StudyResults& results) {
  const std::vector<Configuration> configurations = Configurations(results);
  if (configurations.empty()) return "";
  std::set<std::string> paths;
  for (const Configuration& configuration : configurations) {
    for (const auto& [path, value] : configuration.leaves) paths.insert(path);
  }
  if (paths.empty()) return "";

  Table table{{{"key", Align::kLeft}}, {}};
  for (const Configuration& configuration : configurations)
    table.columns.push_back({configuration.title, Align::kLeft});
  std::string common;
  std::size_t common_count = 0;
  for (const std::string& path : paths) {
    const auto& first = configurations.front().leaves;
    const bool same =
        first.contains(path) &&
        std::all_of(configurations.begin(), configurations.end(), [&](const Configuration& each) {
          return each.leaves.contains(path) && each.leaves.at(path) == first.at(path);
        });
    if (same) {
      common +=
          path + " = " + first.at(path).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
      ++common_count;
      continue;
    }
    std::vector<Cell> row = {path};
    const std::vector<Cell> values = ValueCells(configurations, path);
    row.insert(row.end(), values.begin(), values.end());
    table.rows.push_back(std::move(row));
  }

  std::string text = Heading(2, "What differs between the configurations");
  if (configurations.size() == 1) {
    text += Paragraph("One configuration finished: there is none to compare it with.");
  } else if (table.rows.empty()) {
    text += Paragraph("Nothing: the configurations compared here are equal.");
  } else {
    text += ToMarkdown(table) + "\n";
  }
  if (common.empty()) return text;
  const std::string summary = configurations.size() == 1 ? "Its " + CountText(common_count, "setting")
                                                         : CountText(common_count, "setting") + " in common";
  return text + Details(summary, CodeBlock("", common));
}

nlohmann::json BestConfiguration(const StudyResults& results) {
  const auto ranking = Ranking(results);
  if (ranking.empty()) return nullptr;
  const TrialResult& best = *ranking.front();
  nlohmann::json json = {{"trial", best.number}, {"value", *best.value}, {"params", best.params}};
  if (!best.variant.empty()) json["variant"] = best.variant;
  return json;
}

std::string BestConfigurationSection(const StudyResults& results) {
  const nlohmann::json best = BestConfiguration(results);
  if (best.is_null()) return "";
  const std::string note = ValidationDiffers(results)
                               ? Paragraph(
                                     "By validation value; the validation sets differ, so another "
                                     "combination may be better on a test.")
                               : "";
  return Heading(2, "Best configuration") + note +
         CodeBlock("json", best.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace yoake::reports
