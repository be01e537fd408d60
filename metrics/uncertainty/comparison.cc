#include "metrics/uncertainty/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/error.h"
#include "metrics/uncertainty/column_draws.h"
#include "metrics/uncertainty/statistics.h"

namespace yoake::metrics {
namespace {

double Detectable(double standard_error, double df, const CompareOptions& options) {
  return standard_error *
         (StudentQuantile((1 + options.confidence) / 2, df) + StudentQuantile(options.power, df));
}

Difference DifferenceOf(const Draws& draws, const CompareOptions& options) {
  Difference difference;
  difference.delta = draws.observed;
  difference.interval = MakeInterval(draws, options.confidence, options.method);
  difference.p_holm = difference.interval.p;
  difference.detectable = Detectable(difference.interval.standard_error, difference.interval.df, options);
  return difference;
}

void AdjustOverCategories(std::size_t column, std::vector<RowResult>* categories) {
  std::vector<double> p_values;
  for (const RowResult& row : *categories) {
    if (row.columns[column].difference) p_values.push_back(row.columns[column].difference->interval.p);
  }
  const std::vector<double> adjusted = HolmAdjusted(p_values);
  std::size_t next = 0;
  for (RowResult& row : *categories) {
    if (row.columns[column].difference) row.columns[column].difference->p_holm = adjusted[next++];
  }
}

ModelResult Describe(const ComparedModel& model, const TruthCounts& counts) {
  ModelResult result;
  result.name = model.name;
  result.seeds = model.seeds.size();
  const MatchedSet& set = model.seeds.front();
  for (std::size_t k = 0; k < set.categories.size(); ++k) {
    RowResult row;
    row.category_id = set.categories[k].id;
    row.category = set.categories[k].name;
    row.truth = counts.Of(k, 0);
    result.categories.push_back(std::move(row));
  }
  result.whole.category = "all";
  result.whole.truth = counts.Of(set.categories.size(), 0);
  return result;
}

void RequireOneSet(const std::vector<ComparedModel>& models) {
  const MatchedSet& first = models.front().seeds.front();
  for (const ComparedModel& model : models) {
    for (const MatchedSet& set : model.seeds) {
      const bool same =
          set.images == first.images &&
          std::equal(set.categories.begin(), set.categories.end(), first.categories.begin(),
                     first.categories.end(), [](const auto& a, const auto& b) { return a.id == b.id; });
      if (same) continue;
      throw Error(
          ErrorKind::kData,
          fmt::format("'{}' and '{}' were matched against different truths: pairing needs equal images "
                      "and categories",
                      models.front().name, model.name));
    }
  }
}

}  // namespace

void CompareOptions::Validate() const {
  bootstrap.Validate();
  if (!(confidence >= 0.5 && confidence <= 0.9999)) {
    throw Error(ErrorKind::kUsage, fmt::format("confidence: expected 0.5 to 0.9999, got {}", confidence));
  }
  if (!(power >= 0.5 && power <= 0.9999)) {
    throw Error(ErrorKind::kUsage, fmt::format("power: expected 0.5 to 0.9999, got {}", power));
  }
}

int Comparison::FewBoxes(std::size_t column) const {
  return column == 1 || column == 2 || one_threshold ? 50 : 10;
}

std::uint32_t Comparison::FewUnits() const { return 8; }

double DetectableAlone(const ColumnResult& cell, const CompareOptions& options, double correlation) {
  return Detectable(std::sqrt(2 * (1 - correlation)) * cell.interval.standard_error, cell.interval.df,
                    options);
}

Comparison CompareModels(const std::vector<ComparedModel>& models, std::size_t baseline,
                         const ResamplingUnits& units, const CompareOptions& options) {
  options.Validate();
  RequireOneSet(models);
  std::vector<ReweightedAp> engines;
  for (const ComparedModel& model : models) {
    for (const MatchedSet& seed : model.seeds) engines.emplace_back(seed);
  }
  std::vector<const ReweightedAp*> pointers;
  for (const ReweightedAp& engine : engines) pointers.push_back(&engine);
  std::vector<ModelDraws> draws = Bootstrap(pointers, units, options.bootstrap);

  std::vector<Seeds> seeds;
  auto next = draws.begin();
  for (const ComparedModel& model : models) {
    const auto end = next + static_cast<std::ptrdiff_t>(model.seeds.size());
    seeds.emplace_back(std::make_move_iterator(next), std::make_move_iterator(end));
    next = end;
  }

  const TruthCounts counts(models.front().seeds.front(), units);
  Comparison comparison;
  comparison.baseline = baseline;
  comparison.images = units.unit_of_image.size();
  comparison.units = units.count;
  comparison.options = options;
  comparison.one_threshold = models.front().seeds.front().grid.thresholds() == 1;
  for (std::size_t m = 0; m < models.size(); ++m) {
    ModelResult result = Describe(models[m], counts);
    for (std::size_t column = 0; column < kColumns; ++column) {
      const auto values = CollectColumn(seeds[m], nullptr, counts, column);
      const auto deltas = m == baseline ? std::vector<std::optional<Draws>>(values.size())
                                        : CollectColumn(seeds[m], &seeds[baseline], counts, column);
      for (std::size_t row = 0; row < values.size(); ++row) {
        ColumnResult& cell =
            (row < result.categories.size() ? result.categories[row] : result.whole).columns[column];
        cell.truth = counts.Of(row, column);
        cell.few = cell.truth.boxes < comparison.FewBoxes(column) || cell.truth.units < comparison.FewUnits();
        if (!values[row]) continue;
        cell.value = values[row]->observed;
        cell.interval = MakeInterval(*values[row], options.confidence, options.method);
        if (deltas[row]) cell.difference = DifferenceOf(*deltas[row], options);
      }
      AdjustOverCategories(column, &result.categories);
    }
    comparison.models.push_back(std::move(result));
  }
  return comparison;
}

}  // namespace yoake::metrics
