#pragma once

#include <memory>
#include <optional>

#include "search/sampler.h"

namespace yoake::search {

// Tree-structured Parzen estimator (Bergstra et al., 2011) in the multivariate form of Falkner et al. (2018),
// rule by rule that of Optuna 5. The finished trials are split into the best ("below") and the rest
// ("above"), a density is laid through each (parzen.h), candidates are drawn from the first and the one with
// the largest ratio l(x) / g(x) is taken.
struct TpeOptions {
  // Finished (complete or pruned) trials before the model is used; until then random. Lower it for studies of
  // very few trials. At least 0.
  int n_startup_trials = 10;

  // Candidates drawn from l(x) for each joint draw. More is greedier. At least 1.
  int n_ei_candidates = 24;

  // Weight of the prior (a wide kernel over the whole range) against one observation's 1. Above 0; larger
  // explores more.
  double prior_weight = 1;

  // Floor under the kernels' widths: range / min(100, 2 + observations). Without it widths may shrink to
  // 1e-12 of nothing and the search to one point.
  bool consider_magic_clip = true;

  // Whether the range's ends count as neighbours when the outermost kernels get their widths.
  bool consider_endpoints = false;

  // One joint density over the parameters that every finished trial has, so that interactions count;
  // conditional parameters are drawn one by one. Default: true with one objective, false with several.
  std::optional<bool> multivariate = std::nullopt;

  // Also joins conditional parameters: the parameters are parted into blocks that always occurred together,
  // and each block has a joint density of its own. Needs multivariate.
  bool group = false;

  // Running trials count as bad ones, so that parallel workers do not try the same twice.
  bool constant_liar = true;

  // Trials that failed by what was asked of them (out of memory, diverged, timed out, crashed) count as bad
  // ones, so that a region that fails is left. Optuna ignores them.
  bool learn_from_failures = true;

  // Below holds ceil(gamma n) of n finished trials, and at most max_below (no limit with several objectives).
  // gamma in (0, 1); max_below at least 1.
  double gamma = 0.1;
  int max_below = 25;

  void Validate() const;
};

std::unique_ptr<Sampler> MakeTpeSampler(TpeOptions options);

// {"type":"tpe", <fields of TpeOptions>}.
std::unique_ptr<Sampler> MakeTpeSampler(const JsonReader& reader);

}  // namespace yoake::search
