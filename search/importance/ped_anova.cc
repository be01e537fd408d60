#include "search/importance/ped_anova.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/samplers/truncated_normal.h"

namespace yoake::search {
namespace {

constexpr std::size_t kGridCells = 50;

double Quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - static_cast<double>(low));
}

// Scott's rule by the smaller of deviation and interquartile range; at least half a cell at 90 %.
double Bandwidth(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = values.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
  const double range = (Quantile(values, 0.75) - Quantile(values, 0.25)) / 1.34;
  return std::max(1.059 * std::min(deviation, range) * std::pow(n, -0.2), 0.5 / 1.64 / kGridCells);
}

// The mass in each cell; one more kernel, uniform, keeps all of them above 0.
std::vector<double> Density(const std::vector<double>& values) {
  std::vector<double> counts(kGridCells);
  for (const double value : values)
    ++counts[std::min(static_cast<std::size_t>(value * kGridCells), kGridCells - 1)];
  const auto n = static_cast<double>(values.size());
  std::vector<double> density(kGridCells, 1 / (n + 1) / kGridCells);
  const double width = values.empty() ? 1 : Bandwidth(values);
  const auto edge = [](std::size_t cell) { return static_cast<double>(cell) / kGridCells; };
  for (std::size_t k = 0; k < kGridCells; ++k) {
    if (counts[k] == 0) continue;
    const double mu = edge(k) + 0.5 / kGridCells;
    const double low = NormalCdf(-mu / width);
    const double mass = NormalCdf((1 - mu) / width) - low;
    double before = low;
    for (std::size_t cell = 0; cell < kGridCells; ++cell) {
      const double after = NormalCdf((edge(cell + 1) - mu) / width);
      density[cell] += counts[k] / (n + 1) * (after - before) / mass;
      before = after;
    }
  }
  return density;
}

std::vector<double> Frequencies(const std::vector<double>& choices, std::size_t n_choices) {
  const auto n = static_cast<double>(choices.size());
  std::vector<double> frequencies(n_choices, 1 / (n + 1) / static_cast<double>(n_choices));
  for (const double choice : choices) frequencies[static_cast<std::size_t>(choice)] += 1 / (n + 1);
  return frequencies;
}

double Divergence(const ObservedParameter& parameter, const std::vector<std::size_t>& all,
                  const std::vector<std::size_t>& best) {
  const auto density = [&](const std::vector<std::size_t>& rows) {
    std::vector<double> values;
    for (const std::size_t row : rows) {
      if (!std::isnan(parameter.values[row])) values.push_back(parameter.values[row]);
    }
    return parameter.IsCategorical() ? Frequencies(values, parameter.n_choices) : Density(values);
  };
  const std::vector<double> p = density(all);
  const std::vector<double> q = density(best);
  double sum = 0;
  for (std::size_t cell = 0; cell < p.size(); ++cell)
    sum += (q[cell] - p[cell]) * (q[cell] - p[cell]) / p[cell];
  return sum;
}

}  // namespace

std::vector<double> PedAnovaShares(const ObservedTrials& trials, const std::vector<std::size_t>& rows,
                                   double quantile) {
  std::vector<double> sorted;
  for (const std::size_t row : rows) sorted.push_back(trials.objective[row]);
  std::sort(sorted.begin(), sorted.end());
  const auto n_best = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(rows.size())));
  const double cutoff = sorted[std::clamp<std::size_t>(n_best, 2, rows.size()) - 1];
  std::vector<std::size_t> best;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(best),
               [&](std::size_t row) { return trials.objective[row] <= cutoff; });
  std::vector<double> shares;
  for (const ObservedParameter& parameter : trials.parameters) {
    shares.push_back(Divergence(parameter, rows, best));
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share = sum > 0 ? share / sum : 0;
  return shares;
}

}  // namespace yoake::search
