#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "search/sampler.h"

namespace yoake::search {

struct GridOptions {
  // Points of every continuous parameter, evenly spaced from low to high (in the logarithm for a log one),
  // ends included. Without it a continuous parameter must be named in `points`. At least 1 (then: the
  // middle).
  std::optional<int> continuous_points;

  // The same for single numeric parameters by name, also for ints and stepped floats, whose points are then
  // moved to the nearest value. Others of those are tried at every value.
  std::map<std::string, int> points;

  // Order of the points. Studies that differ in it visit the same grid in another order.
  std::uint64_t seed = 0;

  void Validate() const;
};

// Every point of the grid once: trial number n takes the n-th point of a shuffled order, numbers past the
// last point are random. Only the active parameters of a conditional space span the grid, so a point exists
// once however many inactive parameters there are. Throws Error{kConfig} for a grid of more than 100000
// points.
std::unique_ptr<Sampler> MakeGridSampler(GridOptions options);

// {"type":"grid", "n": 5, "seed": 0} or {"type":"grid", "n": {"optimizer.lr": 5}}.
std::unique_ptr<Sampler> MakeGridSampler(const JsonReader& reader);

}  // namespace yoake::search
