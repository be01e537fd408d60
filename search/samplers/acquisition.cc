#include "search/samplers/acquisition.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/samplers/constants.h"
#include "search/samplers/lbfgs.h"
#include "search/samplers/log_improvement.h"

namespace yoake::search {
namespace {

constexpr std::size_t kSpread = 384;    // Candidates all over the region.
constexpr std::size_t kNear = 128;      // Candidates near its centers.
constexpr std::size_t kStarts = 7;      // Candidates that are improved.
constexpr int kRounds = 4;              // Turns of improving one.
constexpr int kLbfgsEvaluations = 30;   // A turn.
constexpr std::size_t kAllValues = 12;  // Grids of up to so many values are tried whole, others by steps.

// Where a constraint holds with less than three in four, its ln P counts this much more: beside an optimum at
// the edge of what is feasible, the improvement promised beyond would outweigh any small probability.
constexpr double kPenalty = 100;
constexpr double kThreeInFour = 0.6744897501960817;  // Its z.

Normal NormalOf(const GaussianProcess::Prediction& prediction) {
  return {prediction.mean, std::sqrt(prediction.variance)};
}

double LogFeasible(const Normal& constraint, double bound, Normal* slope) {
  const double z = (bound - constraint.mean) / constraint.sigma;
  ValueAndSlope p = LogProbability(z);
  if (z < kThreeInFour) {
    p.value += kPenalty * (p.value - std::log(0.75));
    p.slope *= 1 + kPenalty;
  }
  *slope = {-p.slope / constraint.sigma, -p.slope * z / constraint.sigma};
  return p.value;
}

std::vector<UnitPoint> FeaturesOf(const UnitSpace& space, const std::vector<UnitPoint>& points) {
  std::vector<UnitPoint> features;
  features.reserve(points.size());
  for (const UnitPoint& point : points) features.push_back(space.Features(point));
  return features;
}

class Search {
 public:
  Search(const UnitSpace& space, const Acquisition& acquisition, const SearchRegion& region,
         const TriedPoints& tried, RandomStream* stream)
      : space_(space), acquisition_(acquisition), region_(region), tried_(tried), stream_(*stream) {}

  std::optional<UnitPoint> Run() {
    const std::vector<UnitPoint> starts = Starts();
    for (const UnitPoint& start : starts) Improve(start);
    if (best_) return best_;
    return tried_.FindUntried(&stream_);
  }

 private:
  // Inside the region's box, of the whole space in its categorical dimensions.
  UnitPoint Fill() {
    UnitPoint point = space_.Fill(&stream_);
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (space_.dimensions()[i].categorical()) continue;
      point[i] = region_.low[i] + (region_.high[i] - region_.low[i]) * point[i];
    }
    return point;
  }

  UnitPoint Spread() {
    UnitPoint point = Fill();
    space_.Settle(&point, point);
    return point;
  }

  // A center with some dimensions moved: numeric ones by a normal step, categorical ones to any choice.
  UnitPoint Near(const UnitPoint& center) {
    UnitPoint point = center;
    const double chance = std::max(0.25, 2.0 / static_cast<double>(space_.size()));
    const double width = 0.2 * std::pow(10.0, -2 * stream_.Uniform());
    const UnitPoint donor = Fill();
    bool moved = false;
    while (!moved) {
      for (std::size_t i = 0; i < space_.size(); ++i) {
        if (!stream_.Chance(chance)) continue;
        moved = true;
        const UnitSpace::Dimension& d = space_.dimensions()[i];
        if (d.categorical() || std::isnan(point[i])) {
          point[i] = static_cast<double>(d.categorical() ? stream_.Below(d.n_choices) : 0);
          if (!d.categorical()) point[i] = donor[i];
          continue;
        }
        const double step = d.continuous() ? width : std::max(width, 1.0 / static_cast<double>(d.n_values));
        point[i] = std::clamp(point[i] + step * stream_.Normal(), region_.low[i], region_.high[i]);
      }
    }
    space_.Settle(&point, donor);
    return point;
  }

  std::vector<UnitPoint> Starts() {
    std::vector<UnitPoint> candidates;
    for (std::size_t i = 0; i < kSpread; ++i) candidates.push_back(Spread());
    const std::size_t n_centers = region_.centers.size();
    for (std::size_t i = 0; n_centers > 0 && i < kNear; ++i)
      candidates.push_back(Near(region_.centers[i % n_centers]));
    const std::vector<double> values = acquisition_(FeaturesOf(space_, candidates));
    std::vector<std::size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    // The best of those all over, of those near, and the next ones.
    std::vector<UnitPoint> starts;
    for (const std::size_t i : order) {
      if (starts.size() == kStarts) break;
      starts.push_back(candidates[i]);
    }
    for (const std::size_t i : order) Consider(candidates[i], values[i]);
    if (n_centers > 0) starts.push_back(region_.centers.front());
    return starts;
  }

  void Consider(const UnitPoint& point, double value) {
    if (value > best_value_ && !tried_.Contains(point)) {
      best_value_ = value;
      best_ = point;
    }
  }

  void Improve(UnitPoint point) {
    double value = acquisition_({space_.Features(point)})[0];
    for (int round = 0; round < kRounds; ++round) {
      const double before = value;
      const bool moved_on = Climb(&point, &value);
      const bool stepped = Step(&point, &value);
      if ((!moved_on && !stepped) || value - before < 1e-4) break;
      if (!stepped) break;
    }
  }

  // Continuous dimensions by L-BFGS.
  bool Climb(UnitPoint* point, double* value) {
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (space_.dimensions()[i].continuous() && !std::isnan((*point)[i])) free.push_back(i);
    }
    if (free.empty()) return false;
    UnitPoint features = space_.Features(*point);
    std::vector<double> start, low, high, whole;
    for (const std::size_t i : free) {
      start.push_back((*point)[i]);
      low.push_back(std::min(region_.low[i], (*point)[i]));
      high.push_back(std::max(region_.high[i], (*point)[i]));
    }
    const Differentiable loss = [&](const std::vector<double>& x, std::vector<double>* gradient) {
      for (std::size_t k = 0; k < free.size(); ++k) features[free[k]] = x[k];
      const double at = acquisition_(features, &whole);
      for (std::size_t k = 0; k < free.size(); ++k) (*gradient)[k] = -whole[free[k]];
      return -at;
    };
    const Minimum minimum = MinimizeInBox(
        loss, start, low, high,
        {.max_evaluations = kLbfgsEvaluations, .gradient_tolerance = 1e-3, .value_tolerance = 1e-6});
    if (!(-minimum.value > *value)) return false;
    for (std::size_t k = 0; k < free.size(); ++k) (*point)[free[k]] = minimum.x[k];
    *value = -minimum.value;
    Consider(*point, *value);
    return true;
  }

  // Every single change of a dimension on a grid; a choice that brings parameters takes them from a center
  // that has them, or at random.
  std::vector<UnitPoint> Neighbours(const UnitPoint& point) {
    std::vector<UnitPoint> neighbours;
    const auto add = [&](std::size_t i, double x, const UnitPoint& donor) {
      UnitPoint other = point;
      other[i] = x;
      space_.Settle(&other, donor);
      neighbours.push_back(std::move(other));
    };
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const UnitSpace::Dimension& d = space_.dimensions()[i];
      if (d.continuous() || std::isnan(point[i])) continue;
      const std::size_t here = d.Index(point[i]);
      if (d.categorical() || d.n_values <= kAllValues) {
        for (std::size_t k = 0; k < d.n_values; ++k) {
          if (k == here) continue;
          if (!d.categorical()) {
            add(i, d.Value(k), point);
            continue;
          }
          for (const UnitPoint& center : region_.centers) {
            if (center[i] != static_cast<double>(k)) continue;
            UnitPoint donor = Fill();
            for (std::size_t j = 0; j < donor.size(); ++j)
              donor[j] = std::isnan(center[j]) ? donor[j] : center[j];
            add(i, d.Value(k), donor);
            break;
          }
          add(i, d.Value(k), Fill());
        }
        continue;
      }
      for (std::size_t step = 1; step < d.n_values; step *= 2) {
        if (here >= step) add(i, d.Value(here - step), point);
        if (here + step < d.n_values) add(i, d.Value(here + step), point);
      }
    }
    return neighbours;
  }

  // Goes to the best neighbour while there is a better one.
  bool Step(UnitPoint* point, double* value) {
    bool moved = false;
    for (int steps = 0; steps < 12; ++steps) {
      const std::vector<UnitPoint> neighbours = Neighbours(*point);
      if (neighbours.empty()) break;
      const std::vector<double> values = acquisition_(FeaturesOf(space_, neighbours));
      for (std::size_t i = 0; i < values.size(); ++i) Consider(neighbours[i], values[i]);
      const auto top =
          static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
      if (values[top] <= *value + 1e-9) break;
      *value = values[top];
      *point = neighbours[top];
      moved = true;
    }
    return moved;
  }

  const UnitSpace& space_;
  const Acquisition& acquisition_;
  const SearchRegion& region_;
  const TriedPoints& tried_;
  RandomStream& stream_;
  std::optional<UnitPoint> best_;
  double best_value_ = -kInf;
};

}  // namespace

double Acquisition::Improvement(const std::vector<Normal>& normals, std::vector<Normal>* slopes) const {
  if (normals.empty()) return 0;
  if (volume) return (*volume)(normals, slopes);
  const auto& [mean, sigma] = normals.front();
  const double z = (best - mean) / sigma;
  const ValueAndSlope improvement = LogImprovement(z);
  slopes->assign(1, {-improvement.slope / sigma, (1 - improvement.slope * z) / sigma});
  return std::log(sigma) + improvement.value;
}

std::vector<double> Acquisition::operator()(const std::vector<UnitPoint>& features) const {
  std::vector<double> values;
  std::vector<std::vector<GaussianProcess::Prediction>> predictions;
  for (const GaussianProcess& objective : objectives) predictions.push_back(objective.Predict(features));
  std::vector<Normal> normals(objectives.size()), unused;
  for (std::size_t i = 0; i < features.size(); ++i) {
    for (std::size_t k = 0; k < normals.size(); ++k) normals[k] = NormalOf(predictions[k][i]);
    values.push_back(Improvement(normals, &unused));
  }
  Normal slope;
  for (const Constraint& constraint : constraints) {
    const auto constrained = constraint.process.Predict(features);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] += LogFeasible(NormalOf(constrained[i]), constraint.bound, &slope);
  }
  return values;
}

double Acquisition::operator()(const UnitPoint& features, std::vector<double>* gradient) const {
  gradient->assign(features.size(), 0);
  const auto add = [&](const GaussianProcess::Slopes& slopes, const Normal& normal, const Normal& by) {
    for (std::size_t i = 0; i < features.size(); ++i)
      (*gradient)[i] += by.mean * slopes.mean[i] + by.sigma * slopes.variance[i] / (2 * normal.sigma);
  };
  std::vector<GaussianProcess::Slopes> slopes(objectives.size());
  std::vector<Normal> normals, by;
  for (std::size_t k = 0; k < objectives.size(); ++k)
    normals.push_back(NormalOf(objectives[k].Predict(features, &slopes[k])));
  double value = Improvement(normals, &by);
  for (std::size_t k = 0; k < objectives.size(); ++k) add(slopes[k], normals[k], by[k]);
  GaussianProcess::Slopes constraint_slopes;
  for (const Constraint& constraint : constraints) {
    const Normal normal = NormalOf(constraint.process.Predict(features, &constraint_slopes));
    Normal slope;
    value += LogFeasible(normal, constraint.bound, &slope);
    add(constraint_slopes, normal, slope);
  }
  return value;
}

std::optional<UnitPoint> MaximizeAcquisition(const UnitSpace& space, const Acquisition& acquisition,
                                             const SearchRegion& region, const TriedPoints& tried,
                                             RandomStream* stream) {
  return Search(space, acquisition, region, tried, stream).Run();
}

}  // namespace yoake::search
