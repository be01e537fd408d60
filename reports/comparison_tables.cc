#include "reports/comparison_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "metrics/coco/eval_result.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

using metrics::Comparison;

constexpr char kNoNumber[] = "nan";

// What a category's difference is worth after correction over the categories.
std::string StandingText(const metrics::Difference& difference, double alpha) {
  if (difference.within_noise()) return "within noise";
  if (difference.p_holm >= alpha) return "uncertain";
  return difference.delta > 0 ? "better" : "worse";
}

void AddDifference(const metrics::ColumnResult& cell, double alpha, std::vector<Cell>* cells) {
  if (!cell.difference) {
    cells->insert(cells->end(), {kNoNumber, "", "", ""});
    return;
  }
  cells->push_back(DeltaText(cell.difference->delta));
  cells->push_back(IntervalText(cell.difference->interval));
  cells->push_back(ProbabilityText(cell.difference->p_holm));
  cells->push_back(StandingText(*cell.difference, alpha));
}

void AddExact(const metrics::ModelResult& model, const metrics::RowResult& row, Table* table) {
  for (std::size_t c = 0; c < metrics::kColumns; ++c) {
    const metrics::ColumnResult& cell = row.columns[c];
    std::vector<Cell> cells = {model.name, row.category, metrics::MetricNames()[c],
                               std::to_string(cell.truth.boxes), ExactText(cell.value)};
    if (cell.difference) {
      const metrics::Difference& d = *cell.difference;
      for (const double number :
           {d.delta, d.interval.low, d.interval.high, d.interval.p, d.p_holm, d.detectable}) {
        cells.push_back(ExactText(number));
      }
    }
    table->rows.push_back(std::move(cells));
  }
}

}  // namespace

std::size_t ColumnByName(const std::string& name) {
  const std::vector<std::string>& names = metrics::MetricNames();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw Error(ErrorKind::kUsage, "unknown metric '" + name + "'" + DidYouMean(name, names));
  }
  return static_cast<std::size_t>(found - names.begin());
}

Table WholeTable(const Comparison& comparison) {
  Table table;
  table.columns.push_back({"whole set", Align::kLeft});
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    table.columns.push_back({comparison.models[m].name});
    if (m == comparison.baseline) continue;
    table.columns.push_back({"difference"});
    table.columns.push_back({"interval"});
    table.columns.push_back({"p"});
  }
  for (std::size_t c = 0; c < metrics::kColumns; ++c) {
    std::vector<Cell> cells = {metrics::MetricNames()[c]};
    for (std::size_t m = 0; m < comparison.models.size(); ++m) {
      const metrics::ColumnResult& cell = comparison.models[m].whole.columns[c];
      cells.push_back(MetricText(cell.value));
      if (m == comparison.baseline) continue;
      const auto& difference = cell.difference;
      cells.push_back(difference ? DeltaText(difference->delta) : kNoNumber);
      cells.push_back(difference ? IntervalText(difference->interval) : "");
      cells.push_back(difference ? ProbabilityText(difference->interval.p) : "");
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table CategoryDifferences(const Comparison& comparison, std::size_t model, const std::string& column) {
  const std::size_t c = ColumnByName(column);
  const double alpha = 1 - comparison.options.confidence;
  const metrics::ModelResult& baseline = comparison.models[comparison.baseline];
  const metrics::ModelResult& result = comparison.models[model];
  Table table;
  table.columns = {{"category", Align::kLeft},
                   {"boxes"},
                   {baseline.name},
                   {result.name},
                   {"difference"},
                   {"interval"},
                   {"p (Holm)"},
                   {"", Align::kLeft}};
  const auto add = [&](const metrics::RowResult& row, const metrics::RowResult& base) {
    std::vector<Cell> cells = {row.category, std::to_string(row.columns[c].truth.boxes),
                               MetricText(base.columns[c].value), MetricText(row.columns[c].value)};
    AddDifference(row.columns[c], alpha, &cells);
    table.rows.push_back(std::move(cells));
  };
  for (std::size_t k = 0; k < result.categories.size(); ++k)
    add(result.categories[k], baseline.categories[k]);
  add(result.whole, baseline.whole);
  return table;
}

Table EveryCell(const Comparison& comparison) {
  Table table;
  for (const char* title : {"model", "category", "metric", "boxes", "value", "delta", "ci_low", "ci_high",
                            "p", "p_holm", "detectable"}) {
    table.columns.push_back({title});
  }
  for (const metrics::ModelResult& model : comparison.models) {
    for (const metrics::RowResult& row : model.categories) AddExact(model, row, &table);
    AddExact(model, model.whole, &table);
  }
  return table;
}

std::string IntervalText(const metrics::Interval& interval) {
  return DeltaText(interval.low) + " to " + DeltaText(interval.high);
}

std::string ProbabilityText(double p) { return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p); }

std::string MethodNote(const Comparison& comparison) {
  const metrics::CompareOptions& options = comparison.options;
  return fmt::format(
      "Paired bootstrap, {} replicates (seed {}) over {}; {:g} % intervals of Student's form, p of the whole "
      "set uncorrected, p of categories by Holm over the categories.",
      options.bootstrap.replicates, options.bootstrap.seed,
      comparison.grouped() ? fmt::format("{} of {}", CountText(comparison.units, "group"),
                                         CountText(comparison.images, "image"))
                           : CountText(comparison.images, "image"),
      100 * options.confidence);
}

}  // namespace yoake::reports
