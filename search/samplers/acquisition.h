#pragma once

#include <optional>
#include <vector>

#include "search/samplers/gaussian_process.h"
#include "search/samplers/hypervolume_improvement.h"
#include "search/samplers/unit_space.h"

namespace yoake::search {

// ln( EI(x) * prod_c P(constraint c holds at x) ): the expected improvement of a minimised objective below
// `best`, of several ones that of their front's volume, times the probability that the point is feasible
// (Gardner et al., 2014), in logarithms so that it still has a slope where improvement is all but impossible.
// Points that hold a constraint with less than three in four are penalised beyond that.
struct Acquisition {
  struct Constraint {
    GaussianProcess process;
    double bound = 0;  // Holds where the process is at most this.
  };

  std::vector<GaussianProcess> objectives;       // None (nothing has succeeded yet): the constraints alone.
  double best = 0;                               // Of one objective.
  std::optional<HypervolumeImprovement> volume;  // Of several.
  std::vector<Constraint> constraints;

  // Of rows of features (UnitSpace::Features).
  std::vector<double> operator()(const std::vector<UnitPoint>& features) const;
  double operator()(const UnitPoint& features, std::vector<double>* gradient) const;

 private:
  // ln EI of normal objectives, and its derivatives.
  double Improvement(const std::vector<Normal>& objectives, std::vector<Normal>* slopes) const;
};

// Where the maximum is looked for.
struct SearchRegion {
  std::vector<double> low, high;   // Of numeric dimensions.
  std::vector<UnitPoint> centers;  // The best points so far, best first; some candidates are near to them.
};

// An untried point of large acquisition: the best of a few hundred candidates, all over the region and near
// its centers, improved by turns, its continuous dimensions by L-BFGS and the others by trying their values.
// nullopt when every point of the space was tried.
std::optional<UnitPoint> MaximizeAcquisition(const UnitSpace& space, const Acquisition& acquisition,
                                             const SearchRegion& region, const TriedPoints& tried,
                                             RandomStream* stream);

}  // namespace yoake::search
