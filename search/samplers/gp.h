#pragma once

#include <cstddef>
#include <memory>

#include "search/sampler.h"

namespace yoake::search {

// Bayesian optimisation with a Gaussian process (gaussian_process.h) and logarithmic expected improvement
// (acquisition.h), on any space: conditional parameters stand still where they do not exist (unit_space.h).
//
// - Values are laid out by half rank (half_rank.h). The incumbent is the least posterior mean at a tried
//   point, so that a lucky noisy value misleads nobody.
// - Two expectations of how smooth the function is take turns, by the trial's number.
// - Running trials count as if they had come out as the model expects (Ginsbourger et al., 2010, "kriging
//   believer"), so that parallel workers go elsewhere.
// - Every constraint, and every kind of failure, has a process of its own; what is asked for holds with a
//   probability of three in four wherever the model sees such a point.
// - No point is asked for twice while an untried one exists.
//
// Two objectives have a process each, and what is expected is the improvement of their front's volume
// (hypervolume_improvement.h). Of more, every suggestion minimises a randomly weighted one (Knowles, 2006,
// "ParEGO"): with three the volume's reference, which follows the front, was seen to lead into its corners.
struct GpOptions {
  // Finished trials (complete, pruned, or failed by their parameters) before the model is used; until then
  // random. At least 1.
  int n_startup_trials = 10;

  // Trials that the model is conditioned on: the better half of them the best, the others the latest. A
  // suggestion costs their number's cube, about 8 ms at 100, and no more with a longer history. At least 10.
  int max_trials = 300;

  void Validate() const;
};

// The largest number of objectives that are searched by volume.
constexpr std::size_t kVolumeObjectives = 2;

std::unique_ptr<Sampler> MakeGpSampler(GpOptions options);

// {"type":"gp", <fields of GpOptions>}.
std::unique_ptr<Sampler> MakeGpSampler(const JsonReader& reader);

}  // namespace yoake::search
