#include "search/samplers/hypervolume_improvement.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "search/samplers/constants.h"
#include "search/samplers/log_improvement.h"

namespace yoake::search {
namespace {

// G at a level, over G at the reference, with its derivatives.
struct Gain {
  double value = 0, by_mean = 0, by_sigma = 0;
};

Gain GainAt(double level, const Normal& f) {
  if (level == -kInf) return {};
  const double z = (level - f.mean) / f.sigma;
  const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
  const double below = 0.5 * std::erfc(-z / std::numbers::sqrt2);
  return {f.sigma * (density + z * below), -below, density};
}

Gain Difference(const Gain& a, const Gain& b) {
  return {a.value - b.value, a.by_mean - b.by_mean, a.by_sigma - b.by_sigma};
}

}  // namespace

HypervolumeImprovement::HypervolumeImprovement(const std::vector<Objectives>& points,
                                               const Objectives& reference) {
  std::vector<Objectives> front;
  const std::vector<int> ranks = NonDominationRanks(points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool inside = ranks[i] == 0;
    for (std::size_t k = 0; k < reference.size(); ++k) inside = inside && points[i][k] < reference[k];
    if (inside) front.push_back(points[i]);
  }
  std::vector<std::vector<std::size_t>> numbers(front.size(), std::vector<std::size_t>(reference.size()));
  for (std::size_t k = 0; k < reference.size(); ++k) {
    std::vector<double>& levels = levels_.emplace_back();
    for (const Objectives& point : front) levels.push_back(point[k]);
    levels.insert(levels.end(), {-kInf, reference[k]});
    std::sort(levels.begin(), levels.end());
    levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
    for (std::size_t i = 0; i < front.size(); ++i) {
      numbers[i][k] = static_cast<std::size_t>(std::lower_bound(levels.begin(), levels.end(), front[i][k]) -
                                               levels.begin());
    }
  }
  boxes_ = Cut(numbers, reference.size());
}

// Slabs along the last objective: in each the points that begin before it rule, with their other objectives.
// Slabs that are cut alike become one.
std::vector<HypervolumeImprovement::Box> HypervolumeImprovement::Cut(
    const std::vector<std::vector<std::size_t>>& points, std::size_t objectives) const {
  const std::size_t last = objectives - 1, end = levels_[last].size() - 1;
  if (last == 0) {
    std::size_t high = end;
    for (const auto& point : points) high = std::min(high, point[0]);
    return {{{0, high}}};
  }
  std::vector<std::size_t> borders = {0, end};
  for (const auto& point : points) borders.push_back(point[last]);
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  std::vector<Box> boxes, before;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    std::vector<std::vector<std::size_t>> ruling;
    for (const auto& point : points) {
      if (point[last] <= borders[i]) ruling.push_back(point);
    }
    const std::vector<Box> cut = Cut(ruling, last);
    if (cut == before) {
      for (std::size_t b = boxes.size() - cut.size(); b < boxes.size(); ++b)
        boxes[b].back().high = borders[i + 1];
      continue;
    }
    before = cut;
    for (Box box : cut) {
      box.push_back({borders[i], borders[i + 1]});
      boxes.push_back(std::move(box));
    }
  }
  return boxes;
}

double HypervolumeImprovement::operator()(const std::vector<Normal>& objectives,
                                          std::vector<Normal>* slopes) const {
  const std::size_t n = objectives.size();
  std::vector<std::vector<Gain>> gains(n);
  double log_scale = 0;
  slopes->assign(n, {0, 0});
  for (std::size_t k = 0; k < n; ++k) {
    const Normal& f = objectives[k];
    for (const double level : levels_[k]) gains[k].push_back(GainAt(level, f));
    const double scale = gains[k].back().value;  // Divided out, so that small gains multiply to something.
    for (Gain& gain : gains[k]) {
      const double inverse = scale > 0 ? 1 / scale : 0;
      gain = {gain.value * inverse, gain.by_mean * inverse, gain.by_sigma * inverse};
    }
    log_scale += std::log(f.sigma) + LogImprovement((levels_[k].back() - f.mean) / f.sigma).value;
  }
  double sum = 0;
  std::vector<Gain> sides(n);
  for (const Box& box : boxes_) {
    double volume = 1;
    for (std::size_t k = 0; k < n; ++k) {
      sides[k] = Difference(gains[k][box[k].high], gains[k][box[k].low]);
      volume *= sides[k].value;
    }
    sum += volume;
    for (std::size_t k = 0; k < n; ++k) {
      double others = 1;
      for (std::size_t j = 0; j < n; ++j) others *= j == k ? 1 : sides[j].value;
      (*slopes)[k].mean += others * sides[k].by_mean;
      (*slopes)[k].sigma += others * sides[k].by_sigma;
    }
  }
  if (sum > 1e-290) {
    for (Normal& slope : *slopes) slope = {slope.mean / sum, slope.sigma / sum};
    return log_scale + std::log(sum);
  }
  for (std::size_t k = 0; k < n; ++k) {
    const Normal& f = objectives[k];
    const double z = (levels_[k].back() - f.mean) / f.sigma, slope = LogImprovement(z).slope;
    (*slopes)[k] = {-slope / f.sigma, (1 - slope * z) / f.sigma};
  }
  return log_scale - 700;
}

}  // namespace yoake::search
