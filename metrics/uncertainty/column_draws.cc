#include "metrics/uncertainty/column_draws.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "metrics/uncertainty/statistics.h"

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
class CellDraws {
 public:
  CellDraws(const Seeds& model, const Seeds* baseline, std::size_t row, std::size_t column)
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
    std::vector<SeedSpread> spreads = {SpreadOf(model_)};
    if (baseline_ != nullptr) spreads.push_back(SpreadOf(*baseline_));
    std::sort(spreads.begin(), spreads.end(), [](const auto& a, const auto& b) { return a.seeds > b.seeds; });
    if (spreads.front().seeds < 2) return;
    if (spreads.size() == 2 && spreads.back().seeds == 1) {  // One estimate stands for both models.
      spreads.front().factor += 1;
      spreads.pop_back();
    }
    double uncertainty = 0;
    for (const SeedSpread& spread : spreads) {
      draws->between_seeds += spread.factor * std::max(0.0, spread.observed - spread.by_images);
      uncertainty += std::pow(spread.factor * spread.observed, 2) / (spread.seeds - 1);
    }
    if (draws->between_seeds > 0) draws->between_seeds_df = std::pow(draws->between_seeds, 2) / uncertainty;
  }

  // How far the trainings of one model lie apart, and how far they would if only their luck with these images
  // differed: the replicates show that part already.
  struct SeedSpread {
    double observed = 0;  // Variances of one training.
    double by_images = 0;
    double seeds = 1;
    double factor = 1;  // Of the mean over the seeds: 1 / seeds.
  };

  SeedSpread SpreadOf(const Seeds& seeds) const {
    SeedSpread spread;
    spread.seeds = static_cast<double>(seeds.size());
    spread.factor = 1 / spread.seeds;
    if (seeds.size() < 2) return spread;
    std::vector<double> values;
    for (const ModelDraws& seed : seeds) values.push_back(seed.observed.At(row_, column_, 0).value_or(0));
    spread.observed = Variance(values);
    for (const ModelDraws& seed : seeds) {
      std::vector<double> gaps;  // To the mean of the seeds, which has 1 / seeds less variance.
      for (std::size_t draw = 0; draw < seed.replicates.draws(); ++draw) {
        const auto mean = SeedMean(seeds, &ModelDraws::replicates, row_, column_, draw);
        if (mean) gaps.push_back(*seed.replicates.At(row_, column_, draw) - *mean);
      }
      spread.by_images += Variance(gaps) / (spread.seeds - 1);
    }
    return spread;
  }

  const Seeds& model_;
  const Seeds* baseline_;
  std::size_t row_, column_;
};

double DfOf(std::uint32_t units) { return units > 1 ? units - 1.0 : 1.0; }

}  // namespace

TruthCounts::TruthCounts(const MatchedSet& set, const ResamplingUnits& units)
    : counts_(set.categories.size() + 1) {
  const std::size_t areas = set.grid.areas.size();
  for (std::size_t area = 0; area < areas; ++area) {
    TruthCount& whole = counts_.back()[area];
    whole.units = units.count;
    for (std::size_t k = 0; k < set.categories.size(); ++k) {
      const MatchedCategory& matched = set.categories[k].matched;
      std::set<std::uint32_t> seen;
      TruthCount& count = counts_[k][area];
      for (std::size_t i = 0; i < matched.truth_images.size(); ++i) {
        const std::uint32_t boxes = matched.truth_counts[i * areas + area];
        count.boxes += static_cast<int>(boxes);
        if (boxes > 0) seen.insert(units.unit_of_image[matched.truth_images[i]]);
      }
      count.units = static_cast<std::uint32_t>(seen.size());
      whole.boxes += count.boxes;
    }
  }
}

TruthCount TruthCounts::Of(std::size_t row, std::size_t column) const {
  return counts_[row][kAreaOfColumn[column]];
}

std::vector<std::optional<Draws>> CollectColumn(const Seeds& model, const Seeds* baseline,
                                                const TruthCounts& counts, std::size_t column) {
  std::vector<std::optional<Draws>> collected;
  std::vector<KnownVariance> parts;
  const std::size_t rows = model.front().observed.rows();
  for (std::size_t row = 0; row < rows; ++row) {
    auto draws = CellDraws(model, baseline, row, column).Collect();
    if (draws) {
      const bool whole = row + 1 == rows;
      const std::uint32_t units = counts.Of(row, column).units;
      draws->one_unit = units < 2;
      const double df = DfOf(units);
      draws->df = whole ? std::min(df, std::max(1.0, SatterthwaiteDf(parts))) : df;
      if (!whole) parts.push_back({Variance(draws->replicates), df});
    }
    collected.push_back(std::move(draws));
  }
  return collected;
}

}  // namespace yoake::metrics
