#include "metrics/column_draws.h"

#include <algorithm>
#include <set>

#include "metrics/statistics.h"

namespace yoake::metrics {
namespace {

// The area whose truth a column is about.
constexpr std::array<std::size_t, kColumns> kAreaOfColumn = {0, 0, 0, 1, 2, 3, 0, 0, 0, 1, 2, 3};

// The mean over the seeds of one cell in one draw; nothing where one of them is undefined.
std::optional<double> SeedMean(const Seeds& seeds, ColumnDraws ModelDraws::*kind, std::size_t row,
                               std::size_t column, std::size_t draw) {
  double sum = 0;
  for (const ModelDraws& seed : seeds) {
    const auto value = (seed.*kind).At(row, column, draw);
    if (!value) return std::nullopt;
    sum += *value;
  }
  return sum / static_cast<double>(seeds.size());
}

// One cell of a model, or of its difference to a baseline, draw by draw.
class Cell {
 public:
  Cell(const Seeds& model, const Seeds* baseline, std::size_t row, std::size_t column)
      : model_(model), baseline_(baseline), row_(row), column_(column) {}

  std::optional<Draws> Collect() const {
    const auto observed = At(&ModelDraws::observed, 0);
    if (!observed) return std::nullopt;
    Draws draws;
    draws.observed = *observed;
    draws.replicates = All(&ModelDraws::replicates);
    draws.jackknife = All(&ModelDraws::jackknife);
    AddSeeds(&draws);
    return draws;
  }

 private:
  std::optional<double> At(ColumnDraws ModelDraws::*kind, std::size_t draw) const {
    const auto value = SeedMean(model_, kind, row_, column_, draw);
    if (!value || baseline_ == nullptr) return value;
    const auto base = SeedMean(*baseline_, kind, row_, column_, draw);
    return base ? std::optional(*value - *base) : std::nullopt;
  }

  // Draws without truth of this kind say nothing about it and are left out.
  std::vector<double> All(ColumnDraws ModelDraws::*kind) const {
    std::vector<double> values;
    for (std::size_t draw = 0; draw < (model_.front().*kind).draws(); ++draw) {
      if (const auto value = At(kind, draw)) values.push_back(*value);
    }
    return values;
  }

  void AddSeeds(Draws* draws) const {
    std::vector<KnownVariance> known;  // Of one training, by model.
    std::vector<double> trainings;
    for (const Seeds* seeds : {&model_, baseline_}) {
      if (seeds == nullptr) continue;
      std::vector<double> values;
      for (const ModelDraws& seed : *seeds) values.push_back(seed.observed.At(row_, column_, 0).value_or(0));
      known.push_back({Variance(values), static_cast<double>(values.size()) - 1});
      trainings.push_back(static_cast<double>(values.size()));
    }
    const auto most = *std::max_element(known.begin(), known.end(),
                                        [](const auto& a, const auto& b) { return a.df < b.df; });
    if (most.df < 1) return;
    std::vector<KnownVariance> parts;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (known[i].df >= 1) parts.push_back({known[i].variance / trainings[i], known[i].df});
    }
    if (parts.size() < known.size()) {  // One estimate stands for both models: its error is shared.
      parts.front().variance += most.variance;
    }
    for (const KnownVariance& part : parts) draws->between_seeds += part.variance;
    draws->between_seeds_df = std::min(SatterthwaiteDf(parts), 1e9);
  }

  const Seeds& model_;
  const Seeds* baseline_;
  std::size_t row_, column_;
};

double DfOf(std::uint32_t units) { return units > 1 ? units - 1.0 : 1.0; }

}  // namespace

UnitCounts::UnitCounts(const MatchedSet& set, const ResamplingUnits& units) : all_(units.count) {
  const std::size_t areas = CocoGrid().areas.size();
  for (const MatchedSetCategory& category : set.categories) {
    auto& counts = counts_.emplace_back();
    for (std::size_t area = 0; area < areas; ++area) {
      std::set<std::uint32_t> seen;
      for (std::size_t i = 0; i < category.matched.truth_images.size(); ++i) {
        if (category.matched.truth_counts[i * areas + area] == 0) continue;
        seen.insert(units.unit_of_image[category.matched.truth_images[i]]);
      }
      counts[area] = static_cast<std::uint32_t>(seen.size());
    }
  }
}

std::uint32_t UnitCounts::Of(std::size_t row, std::size_t column) const {
  return row < counts_.size() ? counts_[row][kAreaOfColumn[column]] : all_;
}

std::vector<std::optional<Draws>> CollectColumn(const Seeds& model, const Seeds* baseline,
                                                const UnitCounts& units, std::size_t column) {
  std::vector<std::optional<Draws>> collected;
  std::vector<KnownVariance> parts;
  const std::size_t rows = model.front().observed.rows();
  for (std::size_t row = 0; row < rows; ++row) {
    auto draws = Cell(model, baseline, row, column).Collect();
    if (draws) {
      const bool whole = row + 1 == rows;
      draws->one_unit = units.Of(row, column) < 2;
      const double df = DfOf(units.Of(row, column));
      draws->df = whole ? std::min(df, std::max(1.0, SatterthwaiteDf(parts))) : df;
      if (!whole) parts.push_back({Variance(draws->replicates), df});
    }
    collected.push_back(std::move(draws));
  }
  return collected;
}

}  // namespace yoake::metrics
