#include <fmt/format.h>

#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

constexpr int kFewBoxes = 30;

// Categories whose score rests on so little truth that one box moves it.
std::string FewBoxesNote(const metrics::EvalResult& score) {
  std::string names;
  for (const metrics::CategoryRow& row : score.per_category) {
    if (row.n_gt == 0 || row.n_gt >= kFewBoxes) continue;
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", EscapeMarkdown(row.category), row.n_gt);
  }
  return names.empty() ? "" : fmt::format("Few truth boxes, so these numbers jump: {}.", names);
}

std::vector<Cell> ExactRow(const std::vector<std::optional<double>>& values) {
  std::vector<Cell> cells;
  for (const auto& value : values) cells.emplace_back(ExactText(value));
  return cells;
}

void AddCsvRows(const StudyResults& results, const TrialResult& trial, const std::string& test,
                const metrics::EvalResult& score, Table* table) {
  std::vector<Cell> prefix = {test, std::to_string(trial.number)};
  for (const Factor& factor : results.factors) {
    const auto level = trial.variant.find(factor.name);
    prefix.emplace_back(level == trial.variant.end() ? "" : level->second);
  }
  const auto add = [&](const std::string& id, const std::string& name, const std::vector<Cell>& numbers,
                       const std::string& n_gt, const std::string& n_dt) {
    std::vector<Cell> row = prefix;
    row.emplace_back(id);
    row.emplace_back(name);
    row.insert(row.end(), numbers.begin(), numbers.end());
    row.emplace_back(n_gt);
    row.emplace_back(n_dt);
    table->rows.push_back(std::move(row));
  };
  std::int64_t n_gt = 0;
  std::int64_t n_dt = 0;
  for (const metrics::CategoryRow& row : score.per_category) {
    add(std::to_string(static_cast<std::int64_t>(row.category_id)), row.category,
        ExactRow({row.mAP, row.mAP_50, row.mAP_75, row.mAP_s, row.mAP_m, row.mAP_l, row.AR_1, row.AR_10,
                  row.AR_100, row.AR_s, row.AR_m, row.AR_l}),
        std::to_string(row.n_gt), std::to_string(row.n_dt));
    n_gt += row.n_gt;
    n_dt += row.n_dt;
  }
  const metrics::CocoStats& s = score.stats;
  add("", "all",
      ExactRow({s.AP, s.AP50, s.AP75, s.APs, s.APm, s.APl, s.AR1, s.AR10, s.AR100, s.ARs, s.ARm, s.ARl}),
      std::to_string(n_gt), std::to_string(n_dt));
}

}  // namespace

Table CategoryTable(const metrics::EvalResult& score) {
  Table table{{{"category", Align::kLeft}}, {}};
  for (const char* title : {"mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l"})
    table.columns.push_back({title});
  const auto add = [&](const std::string& name, const std::vector<std::optional<double>>& values) {
    std::vector<Cell> row = {name};
    for (const auto& value : values) row.emplace_back(MetricText(value));
    table.rows.push_back(std::move(row));
  };
  for (const metrics::CategoryRow& row : score.per_category) {
    add(row.category, {row.mAP, row.mAP_50, row.mAP_75, row.mAP_s, row.mAP_m, row.mAP_l});
  }
  const metrics::CocoStats& s = score.stats;
  add("all", {s.AP, s.AP50, s.AP75, s.APs, s.APm, s.APl});
  return table;
}

std::string CategoriesSection(const StudyResults& results, CategoryDetail detail,
                              const std::map<std::string, std::string>& pictures) {
  const auto ranking = Ranking(results);
  std::string text;
  for (const std::string& test : TestNames(results)) {
    std::string tables;
    std::string note;
    for (const Combination& combination : FinishedCombinations(results)) {
      if (detail == CategoryDetail::kBestTrialOnly && combination.best != ranking.front()) continue;
      const auto score = combination.best->tests.find(test);
      if (score == combination.best->tests.end()) continue;
      const std::string trial = fmt::format("trial {}", combination.best->number);
      tables += Heading(
          4, results.factors.empty() ? "Best trial: " + trial : combination.label + " (" + trial + ")");
      tables += ToMarkdown(CategoryTable(score->second)) + "\n";
      if (note.empty()) note = FewBoxesNote(score->second);
    }
    if (tables.empty()) continue;
    text += Heading(3, "On " + test) + tables;
    if (!note.empty()) text += Paragraph(note);
    if (const auto picture = pictures.find(test); picture != pictures.end()) {
      text += Image("mAP by category on " + test, picture->second);
    }
  }
  if (text.empty()) return "";
  std::string introduction =
      "The best trial of each combination, scored the COCO way (boxes, at most 100 detections an image and "
      "category). `nan`: no truth box of that kind. ";
  introduction +=
      detail == CategoryDetail::kEveryCombination
          ? "All trials in full precision: "
          : "The report is long, so only the best trial's tables stand here; all trials in full precision: ";
  introduction += Link("per_category.csv", "per_category.csv") + ".";
  return Heading(2, "Per category") + Paragraph(introduction) + text;
}

std::string PerCategoryCsv(const StudyResults& results) {
  Table table{{{"test"}, {"trial"}}, {}};
  for (const Factor& factor : results.factors) table.columns.push_back({factor.name});
  for (const char* title : {"category_id", "category", "mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l",
                            "AR_1", "AR_10", "AR_100", "AR_s", "AR_m", "AR_l", "n_gt", "n_dt"}) {
    table.columns.push_back({title});
  }
  for (const std::string& test : TestNames(results)) {
    for (const TrialResult& trial : results.trials) {
      const auto score = trial.tests.find(test);
      if (score != trial.tests.end()) AddCsvRows(results, trial, test, score->second, &table);
    }
  }
  return ToCsv(table);
}

}  // namespace yoake::reports
