#include "search/importance/fanova.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "search/importance/regression_tree.h"
#include "search/samplers/low_discrepancy.h"

namespace yoake::search {
namespace {

constexpr std::size_t kCells = 128;      // Of a numeric parameter's marginal.
constexpr std::uint32_t kPoints = 1024;  // For the variance of the whole function.

double Variance(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / n;
}

// The same function over the same uniform points, as every tree sees it.
class PairwiseVariance {
 public:
  void Add(const std::vector<double>& of_tree) {
    sum_.resize(of_tree.size());
    for (std::size_t i = 0; i < of_tree.size(); ++i) sum_[i] += of_tree[i];
    own_ += Variance(of_tree);
    ++trees_;
  }
  // Mean covariance of two different trees.
  double Value() const { return std::max(0.0, (Variance(sum_) - own_) / (trees_ * (trees_ - 1))); }

 private:
  std::vector<double> sum_;
  double own_ = 0;
  double trees_ = 0;
};

// Where a parameter exists: the choices of each categorical parameter that occurred together with it.
struct Region {
  std::vector<std::uint64_t> choices;  // One a parameter; all bits for a numeric one.
  double probability = 1;
};

std::uint64_t AllChoices(const ObservedParameter& parameter) {
  return parameter.n_choices >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << parameter.n_choices) - 1;
}

Region RegionOf(const ObservedTrials& trials, std::size_t j) {
  const ObservedParameter& own = trials.parameters[j];
  Region region;
  for (const ObservedParameter& other : trials.parameters) {
    std::uint64_t& choices = region.choices.emplace_back(~std::uint64_t{0});
    if (!other.IsCategorical()) continue;
    choices = AllChoices(other);
    if (own.present == own.values.size() || &other == &own) continue;
    std::uint64_t together = 0;
    bool always = true;
    for (std::size_t row = 0; row < own.values.size(); ++row) {
      if (std::isnan(own.values[row])) continue;
      always &= !std::isnan(other.values[row]);
      if (!std::isnan(other.values[row])) together |= ChoiceBit(other.values[row]);
    }
    if (!always) continue;
    region.probability *= static_cast<double>(std::popcount(together)) / std::popcount(choices);
    choices = together;
  }
  return region;
}

double Width(const Side& side, const ObservedParameter& parameter, std::uint64_t region) {
  if (!parameter.IsCategorical()) return side.high - side.low;
  return static_cast<double>(std::popcount(side.choices & region)) / std::popcount(region);
}

// E[f | x_j] of a tree, the mean over each cell or choice of parameter j.
class Marginal {
 public:
  explicit Marginal(const ObservedParameter& parameter)
      : categorical_(parameter.IsCategorical()),
        cells_(categorical_ ? std::min<std::size_t>(parameter.n_choices, 64) : kCells),
        steps_(cells_.size() + 1) {}

  // `weight` of the function value over the side.
  void Add(const Side& side, double weight) {
    if (categorical_) {
      for (std::size_t c = 0; c < cells_.size(); ++c) {
        if ((side.choices >> c & 1) != 0) cells_[c] += weight;
      }
      return;
    }
    Edge(side.low, weight);
    Edge(side.high, -weight);
  }

  std::vector<double> Values() const {
    std::vector<double> values = cells_;
    double running = 0;
    for (std::size_t c = 0; c < values.size(); ++c) values[c] += running += steps_[c];
    return values;
  }

 private:
  // From x on the function is higher by `weight`; x's own cell gets the part of it behind x.
  void Edge(double x, double weight) {
    const double place = x * static_cast<double>(cells_.size());
    const auto cell = std::min(static_cast<std::size_t>(place), cells_.size() - 1);
    cells_[cell] += weight * (static_cast<double>(cell + 1) - place);
    steps_[cell + 1] += weight;
  }

  bool categorical_;
  std::vector<double> cells_;
  std::vector<double> steps_;
};

std::vector<double> MarginalOf(const ObservedTrials& trials, const std::vector<RegressionTree::Leaf>& leaves,
                               std::size_t j, const Region& region) {
  Marginal marginal(trials.parameters[j]);
  for (const RegressionTree::Leaf& leaf : leaves) {
    double weight = leaf.value;
    for (std::size_t k = 0; k < leaf.box.size() && weight != 0; ++k) {
      if (k != j) weight *= Width(leaf.box[k], trials.parameters[k], region.choices[k]);
    }
    marginal.Add(leaf.box[j], weight);
  }
  return marginal.Values();
}

std::vector<std::vector<double>> UniformPoints(const ObservedTrials& trials, const RandomStream& stream) {
  const SobolSequence sobol(trials.parameters.size(), stream);
  std::vector<std::vector<double>> points;
  for (std::uint32_t i = 0; i < kPoints; ++i) {
    auto& point = points.emplace_back(sobol.Point(i));
    for (std::size_t j = 0; j < point.size(); ++j) {
      if (trials.parameters[j].IsCategorical()) {
        point[j] = std::floor(point[j] * static_cast<double>(trials.parameters[j].n_choices));
      }
    }
  }
  return points;
}

void SortRows(Feature* feature) {
  feature->order.resize(feature->values.size());
  std::iota(feature->order.begin(), feature->order.end(), std::size_t{0});
  std::sort(feature->order.begin(), feature->order.end(),
            [&](std::size_t a, std::size_t b) { return feature->values[a] < feature->values[b]; });
}

// Draws what is absent; the rest stays as it is.
void FillAbsent(const ObservedParameter& parameter, RandomStream* stream, Feature* feature) {
  for (std::size_t row = 0; row < parameter.values.size(); ++row) {
    if (!std::isnan(parameter.values[row])) continue;
    feature->values[row] = parameter.IsCategorical() ? static_cast<double>(stream->Below(parameter.n_choices))
                                                     : stream->Uniform();
  }
  if (!parameter.IsCategorical()) SortRows(feature);
}

std::vector<int> Resampled(std::size_t n, RandomStream* stream) {
  std::vector<int> weights(n);
  for (std::size_t i = 0; i < n; ++i) ++weights[stream->Below(n)];
  return weights;
}

std::vector<double> Standardised(std::vector<double> values) {
  const double deviation = std::sqrt(Variance(values));
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  for (double& value : values) value = deviation > 0 ? (value - mean) / deviation : 0;
  return values;
}

}  // namespace

std::vector<double> FanovaShares(const ObservedTrials& trials, int n_trees, RandomStream stream) {
  const std::size_t d = trials.parameters.size();
  const std::vector<double> targets = Standardised(trials.objective);
  std::vector<Region> regions;
  std::vector<Feature> features;
  for (std::size_t j = 0; j < d; ++j) {
    regions.push_back(RegionOf(trials, j));
    features.push_back({trials.parameters[j].n_choices, trials.parameters[j].values, {}});
    if (!trials.parameters[j].IsCategorical()) SortRows(&features[j]);
  }
  const auto points = UniformPoints(trials, stream.Split("points"));
  PairwiseVariance whole;
  std::vector<PairwiseVariance> alone(d);
  for (int t = 0; t < n_trees; ++t) {
    for (std::size_t j = 0; j < d; ++j) {
      if (trials.parameters[j].present < targets.size())
        FillAbsent(trials.parameters[j], &stream, &features[j]);
    }
    const RegressionTree tree(features, targets, Resampled(targets.size(), &stream));
    std::vector<double> predictions;
    for (const auto& point : points) predictions.push_back(tree.Predict(point));
    whole.Add(predictions);
    const auto leaves = tree.Leaves();
    for (std::size_t j = 0; j < d; ++j) alone[j].Add(MarginalOf(trials, leaves, j, regions[j]));
  }
  std::vector<double> shares;
  for (std::size_t j = 0; j < d; ++j) {
    const double share = whole.Value() > 0 ? regions[j].probability * alone[j].Value() / whole.Value() : 0;
    shares.push_back(std::min(share, 1.0));
  }
  return shares;
}

}  // namespace yoake::search
