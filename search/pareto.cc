#include "search/pareto.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace yoake::search {
namespace {

double Box(const Objectives& point, const Objectives& reference) {
  double volume = 1;
  for (std::size_t i = 0; i < point.size(); ++i) volume *= std::max(0.0, reference[i] - point[i]);
  return volume;
}

// What `point` adds to the volume of `others`: its box without what of it they cover already.
double Contribution(const Objectives& point, const std::vector<Objectives>& others,
                    const Objectives& reference) {
  std::vector<Objectives> covered;
  for (const Objectives& other : others) {
    Objectives corner(point.size());
    for (std::size_t i = 0; i < point.size(); ++i) corner[i] = std::max(point[i], other[i]);
    covered.push_back(std::move(corner));
  }
  return Box(point, reference) - Hypervolume(covered, reference);
}

std::vector<Objectives> Front(std::vector<Objectives> points) {
  std::sort(points.begin(), points.end());
  std::vector<Objectives> front;
  for (const Objectives& point : points) {  // In this order nothing later dominates what came before.
    const bool kept = std::none_of(front.begin(), front.end(), [&](const Objectives& other) {
      return other == point || Dominates(other, point);
    });
    if (kept) front.push_back(point);
  }
  return front;
}

}  // namespace

bool Dominates(const Objectives& a, const Objectives& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

std::vector<int> NonDominationRanks(const std::vector<Objectives>& points) {
  std::vector<int> ranks(points.size(), -1);
  std::size_t left = points.size();
  for (int rank = 0; left > 0; ++rank) {
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (ranks[i] >= 0) continue;
      bool dominated = false;
      for (std::size_t j = 0; j < points.size() && !dominated; ++j) {
        dominated = ranks[j] < 0 && Dominates(points[j], points[i]);
      }
      if (!dominated) front.push_back(i);
    }
    for (const std::size_t i : front) ranks[i] = rank;
    left -= front.size();
  }
  return ranks;
}

double Hypervolume(const std::vector<Objectives>& points, const Objectives& reference) {
  const std::vector<Objectives> front = Front(points);
  double volume = 0;
  if (reference.size() == 2) {  // A staircase: each point adds the strip up to its right neighbour's height.
    double height = reference[1];
    for (const Objectives& point : front) {
      if (point[0] >= reference[0] || point[1] >= height) continue;
      volume += (reference[0] - point[0]) * (height - point[1]);
      height = point[1];
    }
    return volume;
  }
  for (std::size_t i = 0; i < front.size(); ++i) {
    volume +=
        Contribution(front[i], {front.begin() + static_cast<std::ptrdiff_t>(i) + 1, front.end()}, reference);
  }
  return volume;
}

std::vector<std::size_t> GreedyHypervolumeSubset(const std::vector<Objectives>& points,
                                                 const Objectives& reference, std::size_t k) {
  // Contributions only shrink as the subset grows, so a stale one is an upper bound: only the top of the
  // queue has to be computed again. Ties go to the earlier point.
  struct Bound {
    double volume;
    std::size_t index;
    std::size_t chosen_then;
    bool operator<(const Bound& other) const {
      return std::pair(volume, other.index) < std::pair(other.volume, index);
    }
  };
  std::priority_queue<Bound> queue;
  for (std::size_t i = 0; i < points.size(); ++i) queue.push({Box(points[i], reference), i, 0});
  std::vector<std::size_t> indices;
  std::vector<Objectives> chosen;
  while (indices.size() < std::min(k, points.size())) {
    Bound top = queue.top();
    queue.pop();
    if (top.chosen_then != chosen.size()) {
      queue.push({Contribution(points[top.index], chosen, reference), top.index, chosen.size()});
      continue;
    }
    indices.push_back(top.index);
    chosen.push_back(points[top.index]);
  }
  std::sort(indices.begin(), indices.end());
  return indices;
}

}  // namespace yoake::search
