#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/study_results.h"
#include "reports/table.h"

namespace yoake::reports {

// The sections of report.md, one .cc each. A section is Markdown that ends with an empty line, its heading
// included; one without anything to say is an empty string. document.h gives their order.

// Which combination leads on which test set and by how much, what that is worth, how the trials ended.
std::string VerdictSection(const StudyResults& results);

// The configurations that were run more than once: every run, mean and estimate, and whether the luckiest
// single run was the best. `picture`: ConfirmationSvg's path relative to the report, or empty.
std::string ConfirmationSection(const StudyResults& results, const std::string& picture);

// The best trials with their parameters and test scores, each number a link to the trial's folder.
// `folder_prefix` leads from the report to the study's folder: "" when they lie together, else with a '/' at
// its end. `limit`: rows.
std::string RankingSection(const StudyResults& results, const std::string& folder_prefix, std::size_t limit);

// The best trial of each combination on each test set ("trained on A, tested on B"), and what changing one
// factor alone does.
std::string CombinationsSection(const StudyResults& results);

enum class CategoryDetail { kEveryCombination, kBestTrialOnly };

// Per-category tables and bars per test set. `pictures`: SVG paths by test set, relative to the report.
std::string CategoriesSection(const StudyResults& results, CategoryDetail detail,
                              const std::map<std::string, std::string>& pictures);

// What differs between the best configurations; what is common, folded.
std::string DifferencesSection(const StudyResults& results);

// Parameters and variant of the best trial as JSON.
std::string BestConfigurationSection(const StudyResults& results);

// Which loss terms drive the best trials, from what a trainer says of it ("share_bbox" .. in its epochs).
std::string LossBalanceSection(const StudyResults& results);

// Pictures of the search as a whole, paths relative to the report; empty ones are left out.
struct SearchPictures {
  std::string confirmation;  // Shown in its own section.
  std::string history;
  std::string curves;
  std::string importance;
  std::string pareto;
};
std::string HistorySection(const SearchPictures& pictures);

// Failed trials with their reasons, pruned ones in brief, warnings. `folder_prefix` as in the ranking.
// `limit`: rows a table.
std::string FailuresSection(const StudyResults& results, const std::string& folder_prefix, std::size_t limit);
std::string PrunedSection(const StudyResults& results);
std::string WarningsSection(const StudyResults& results, std::size_t limit);

std::string ProvenanceSection(const StudyResults& results);

// category, mAP, mAP_50, mAP_75, mAP_s, mAP_m, mAP_l: a row a category, then "all"; three decimals.
Table CategoryTable(const metrics::EvalResult& score);

// Every trial's score on every test set by category, all columns in full precision: per_category.csv.
std::string PerCategoryCsv(const StudyResults& results);

// {"params": .., "trial": .., "value": .., "variant": ..} of the best trial; null while none finished.
nlohmann::json BestConfiguration(const StudyResults& results);

}  // namespace yoake::reports
