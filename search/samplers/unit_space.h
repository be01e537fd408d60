#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "core/rng.h"
#include "search/space.h"

namespace yoake::search {

// One number a parameter of a UnitSpace: a numeric parameter lies in [0, 1], a categorical one is the index
// of its choice, one that the point's branch does not have is NaN.
using UnitPoint = std::vector<double>;

// A search space as models see it: parameters of one possible value left out, numeric ones scaled to [0, 1]
// (unit_interval.h).
class UnitSpace {
 public:
  struct Dimension {
    std::size_t entry = 0;      // Of the space.
    std::size_t n_choices = 0;  // 0: numeric.
    Distribution distribution;
    NumericRange range;        // Numeric.
    std::size_t n_values = 0;  // On its grid, or choices; 0: continuous.

    bool categorical() const { return n_choices > 0; }
    bool continuous() const { return n_values == 0; }
    // Value number i of a grid or choice, and the number of the value nearest to `unit`.
    double Value(std::size_t i) const;
    std::size_t Index(double unit) const;
  };

  explicit UnitSpace(const SearchSpace& space);

  const std::vector<Dimension>& dimensions() const { return dimensions_; }
  std::size_t size() const { return dimensions_.size(); }
  bool finite() const { return finite_; }

  // The point of a trial; nullopt when it lacks a parameter of its branch or has a value outside today's
  // space.
  std::optional<UnitPoint> ToUnit(const ParamSet& params) const;
  ParamSet FromUnit(const UnitPoint& point) const;

  // What kernels compare: a parameter that is not there stands still, a numeric one in the middle, a
  // categorical one on a choice of its own (-1). Two points of one branch then differ only in what they have.
  UnitPoint Features(UnitPoint point) const;

  // Moves numbers onto their grids, parameters of other branches away, and fills those of this branch that
  // are missing from `donor`, which has them all.
  void Settle(UnitPoint* point, const UnitPoint& donor) const;

  // Uniform in every parameter's own scale: every parameter, and those of one branch.
  UnitPoint Fill(RandomStream* stream) const;
  UnitPoint Random(RandomStream* stream) const;

 private:
  struct Condition {
    std::size_t parent;         // Dimension.
    std::vector<bool> choices;  // That let the child exist.
  };
  bool Exists(std::size_t dimension, const UnitPoint& point) const;  // Its parents being settled.

  std::vector<SpaceEntry> entries_;
  std::vector<Dimension> dimensions_;
  std::vector<std::vector<Condition>> conditions_;  // Of every dimension.
  bool finite_ = true;
};

// Points that were tried or are running, so that none is asked for twice. Continuous values nearer than 1e-9
// of their range are the same.
class TriedPoints {
 public:
  explicit TriedPoints(const UnitSpace& space) : space_(space) {}

  void Insert(const UnitPoint& point) { points_.insert(Key(point)); }
  bool Contains(const UnitPoint& point) const { return points_.contains(Key(point)); }

  // An untried point: a random one, or on a finite space that is nearly used up the first one past it.
  // nullopt when every point of the space was tried.
  std::optional<UnitPoint> FindUntried(RandomStream* stream) const;

 private:
  std::vector<std::int64_t> Key(const UnitPoint& point) const;

  const UnitSpace& space_;
  std::set<std::vector<std::int64_t>> points_;
};

}  // namespace yoake::search
