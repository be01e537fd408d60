#include "search/samplers/tpe.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/python_json.h"
#include "search/samplers/parzen.h"
#include "search/samplers/random.h"
#include "search/samplers/tpe_observations.h"
#include "search/samplers/tpe_split.h"

namespace yoake::search {
namespace {

constexpr std::size_t kAttrChunk = 2045;  // Characters; what Optuna's narrowest database column holds.

// Parameters that occurred in the same finished trials, first entry first. With `everywhere` only the block
// that occurred in all of them. Parameters of one possible value are left out.
std::vector<std::vector<std::size_t>> Blocks(const std::vector<SpaceEntry>& entries,
                                             const TpeObservations& below, const TpeObservations& above,
                                             bool everywhere) {
  std::vector<std::vector<std::size_t>> blocks;
  const auto count = [&](std::size_t i, bool value) {
    return std::count(below.occurs[i].begin(), below.occurs[i].end(), value) +
           std::count(above.occurs[i].begin(), above.occurs[i].end(), value);
  };
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (count(i, true) == 0 || (everywhere && count(i, false) > 0) || IsSingle(entries[i].distribution))
      continue;
    const auto known = std::find_if(blocks.begin(), blocks.end(), [&](const auto& block) {
      return below.occurs[block.front()] == below.occurs[i] && above.occurs[block.front()] == above.occurs[i];
    });
    if (known != blocks.end()) {
      known->push_back(i);
    } else {
      blocks.push_back({i});
    }
  }
  return blocks;
}

// One suggestion in the making.
class Draw {
 public:
  Draw(const TpeOptions& options, const SearchSpace& space, const TpeSplit& split, RandomStream stream)
      : options_(options),
        entries_(space.entries()),
        below_(ObserveTrials(entries_, split.below)),
        above_(ObserveTrials(entries_, split.above)),
        stream_(stream) {}

  Suggestion Joint(bool multivariate) {
    ParamSet relative;
    if (multivariate) {
      for (const auto& block : Blocks(entries_, below_, above_, !options_.group))
        relative.merge(Sample(block));
    }
    Suggestion suggestion;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const SpaceEntry& entry = entries_[i];
      if (!SearchSpace::IsActive(entry, suggestion.params)) continue;
      if (const auto drawn = relative.find(entry.name); drawn != relative.end()) {
        suggestion.params.insert(*drawn);
      } else if (IsSingle(entry.distribution)) {
        suggestion.params[entry.name] = {entry.distribution, DrawUniformly(entry.distribution, &stream_)};
      } else {
        suggestion.params.merge(Sample({i}));
      }
    }
    if (options_.constant_liar && !relative.empty()) Announce(relative, &suggestion.system_attrs);
    return suggestion;
  }

 private:
  // The candidate of l with the largest l / g over these entries.
  ParamSet Sample(const std::vector<std::size_t>& block) {
    std::vector<Distribution> space;
    for (const std::size_t i : block) space.push_back(entries_[i].distribution);
    const ParzenEstimator l = Estimate(space, WholeRows(below_, block));
    const ParzenEstimator g = Estimate(space, WholeRows(above_, block));
    const Columns candidates = l.Sample(options_.n_ei_candidates, &stream_);
    const std::vector<double> log_l = l.LogDensity(candidates);
    const std::vector<double> log_g = g.LogDensity(candidates);
    std::size_t best = 0;
    for (std::size_t c = 1; c < log_l.size(); ++c) {
      if (log_l[c] - log_g[c] > log_l[best] - log_g[best]) best = c;
    }
    ParamSet params;
    for (std::size_t d = 0; d < block.size(); ++d)
      params[entries_[block[d]].name] = {space[d], candidates[d][best]};
    return params;
  }

  ParzenEstimator Estimate(const std::vector<Distribution>& space, const ObservedRows& rows) const {
    const ParzenOptions options{options_.prior_weight, options_.consider_magic_clip,
                                options_.consider_endpoints};
    const std::vector<double> weights = LinearForgetting(static_cast<int>(rows.columns.front().size()));
    return {space, rows.columns, weights, options};
  }

  static void Announce(const ParamSet& relative, std::map<std::string, nlohmann::json>* attrs) {
    const std::string text = PythonJson(ExternalValues(relative));
    for (std::size_t i = 0; i * kAttrChunk < text.size(); ++i) {
      (*attrs)[kTpeRelativeParams + std::to_string(i)] = text.substr(i * kAttrChunk, kAttrChunk);
    }
  }

  const TpeOptions& options_;
  const std::vector<SpaceEntry>& entries_;
  TpeObservations below_;
  TpeObservations above_;
  RandomStream stream_;
};

class TpeSampler final : public Sampler {
 public:
  explicit TpeSampler(const TpeOptions& options) : options_(options), startup_(MakeRandomSampler()) {}

  Suggestion Suggest(const SearchSpace& space, const History& history, int trial_number,
                     RandomStream stream) const override {
    const TpeSplit split = SplitTrials(history, trial_number, options_);
    if (split.n_finished < options_.n_startup_trials)
      return startup_->Suggest(space, history, trial_number, stream);
    const RandomStream own = stream.Split("tpe").Split(static_cast<std::uint64_t>(trial_number));
    const bool multivariate = options_.multivariate.value_or(history.directions.size() == 1);
    return Draw(options_, space, split, own).Joint(multivariate);
  }

 private:
  TpeOptions options_;
  std::unique_ptr<Sampler> startup_;
};

}  // namespace

void TpeOptions::Validate() const {
  RequireAtLeast("n_startup_trials", n_startup_trials, 0);
  RequireAtLeast("n_ei_candidates", n_ei_candidates, 1);
  RequireAbove("prior_weight", prior_weight, 0);
  RequireAbove("gamma", gamma, 0);
  RequireAtLeast("max_below", max_below, 1);
  if (gamma >= 1) throw Error(ErrorKind::kConfig, "'gamma' must be below 1, it is " + PythonFloat(gamma));
  if (group && multivariate == false) {
    throw Error(ErrorKind::kConfig, "\"group\": true needs \"multivariate\": true; leave 'multivariate' out");
  }
}

std::unique_ptr<Sampler> MakeTpeSampler(TpeOptions options) {
  options.Validate();
  return std::make_unique<TpeSampler>(options);
}

std::unique_ptr<Sampler> MakeTpeSampler(const JsonReader& reader) {
  TpeOptions options;
  reader.Read("n_startup_trials", &options.n_startup_trials);
  reader.Read("n_ei_candidates", &options.n_ei_candidates);
  reader.Read("prior_weight", &options.prior_weight);
  reader.Read("consider_magic_clip", &options.consider_magic_clip);
  reader.Read("consider_endpoints", &options.consider_endpoints);
  reader.Read("multivariate", &options.multivariate);
  reader.Read("group", &options.group);
  reader.Read("constant_liar", &options.constant_liar);
  reader.Read("learn_from_failures", &options.learn_from_failures);
  reader.Read("gamma", &options.gamma);
  reader.Read("max_below", &options.max_below);
  reader.Finish();
  try {
    return MakeTpeSampler(options);
  } catch (const Error& error) {
    reader.Fail(error.message());
  }
}

}  // namespace yoake::search
