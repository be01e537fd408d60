#include "search/samplers/tpe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/python_json.h"
#include "search/samplers/parzen.h"
#include "search/samplers/random.h"
#include "search/samplers/tpe_split.h"

namespace yoake::search {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kAttrChunk = 2045;  // Characters; what Optuna's narrowest database column holds.
const char* const kRelativeParams = "tpe:relative_params:";

// The value of a past parameter in today's distribution, whose bounds and choices may have changed since;
// kAbsent when it lies outside.
double ValueIn(const Distribution& today, const Param& past) {
  if (today == past.distribution) return past.internal;
  if (today.index() != past.distribution.index()) return kAbsent;
  if (const auto* d = std::get_if<CategoricalDistribution>(&today)) {
    const auto& choices = std::get<CategoricalDistribution>(past.distribution).choices;
    const auto index = static_cast<std::size_t>(past.internal);
    if (index >= choices.size()) return kAbsent;
    const auto found = std::find(d->choices.begin(), d->choices.end(), choices[index]);
    return found == d->choices.end() ? kAbsent : static_cast<double>(found - d->choices.begin());
  }
  return Contains(today, past.internal) ? past.internal : kAbsent;
}

// What a running trial has drawn jointly but may not have stored as parameters yet.
nlohmann::json AnnouncedParams(const TrialRecord& trial) {
  std::string text;
  for (int chunk = 0;; ++chunk) {
    const auto found = trial.system_attrs.find(kRelativeParams + std::to_string(chunk));
    if (found == trial.system_attrs.end() || !found->second.is_string()) break;
    text += found->second.get<std::string>();
  }
  nlohmann::json params = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return params.is_object() ? params : nlohmann::json::object();
}

// Past trials as rows of internal values, one column an entry of the space.
struct Observations {
  Columns values;                         // kAbsent where the trial has no usable value.
  std::vector<std::vector<bool>> occurs;  // Whether the trial had such a parameter; of finished trials only.
};

void AddAnnounced(const std::vector<SpaceEntry>& entries, const TrialRecord& trial, std::size_t row,
                  Columns* values) {
  const nlohmann::json announced = AnnouncedParams(trial);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto found = announced.find(entries[i].name);
    if (found == announced.end() || trial.params.contains(entries[i].name)) continue;
    try {
      (*values)[i][row] = FromExternal(entries[i].distribution, *found).internal;
    } catch (const Error&) {  // Drawn from other bounds than today's: it says nothing here.
    }
  }
}

Observations Observe(const std::vector<SpaceEntry>& entries, const std::vector<const TrialRecord*>& trials) {
  std::vector<std::size_t> by_name(entries.size());
  for (std::size_t i = 0; i < by_name.size(); ++i) by_name[i] = i;
  std::sort(by_name.begin(), by_name.end(),
            [&](std::size_t a, std::size_t b) { return entries[a].name < entries[b].name; });
  Observations seen{Columns(entries.size(), std::vector<double>(trials.size(), kAbsent)),
                    std::vector<std::vector<bool>>(entries.size())};
  for (std::size_t row = 0; row < trials.size(); ++row) {
    const TrialRecord& trial = *trials[row];
    const bool finished = trial.state != TrialState::kRunning;
    auto param = trial.params.begin();
    for (const std::size_t i : by_name) {  // Both sides are sorted by name.
      int order = -1;                      // Of the trial's next name against the entry's.
      while (param != trial.params.end() && (order = param->first.compare(entries[i].name)) < 0) ++param;
      const bool has = order == 0;
      if (has) seen.values[i][row] = ValueIn(entries[i].distribution, param->second);
      if (finished) {
        seen.occurs[i].push_back(has &&
                                 param->second.distribution.index() == entries[i].distribution.index());
      }
    }
    if (!finished) AddAnnounced(entries, trial, row, &seen.values);
  }
  return seen;
}

// The columns of `entries`, without the rows that lack a value in any of them.
Columns Rows(const Columns& values, const std::vector<std::size_t>& entries) {
  Columns columns(entries.size());
  for (std::size_t row = 0; row < values[entries.front()].size(); ++row) {
    const bool whole = std::none_of(entries.begin(), entries.end(),
                                    [&](std::size_t i) { return std::isnan(values[i][row]); });
    if (!whole) continue;
    for (std::size_t d = 0; d < entries.size(); ++d) columns[d].push_back(values[entries[d]][row]);
  }
  return columns;
}

// Parameters that occurred in the same finished trials, first entry first. With `everywhere` only the block
// that occurred in all of them. Parameters of one possible value are left out.
std::vector<std::vector<std::size_t>> Blocks(const std::vector<SpaceEntry>& entries,
                                             const Observations& below, const Observations& above,
                                             bool everywhere) {
  std::vector<std::vector<std::size_t>> blocks;
  std::vector<std::vector<bool>> patterns;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::vector<bool> pattern = below.occurs[i];
    pattern.insert(pattern.end(), above.occurs[i].begin(), above.occurs[i].end());
    const bool always = std::find(pattern.begin(), pattern.end(), false) == pattern.end();
    const bool never = std::find(pattern.begin(), pattern.end(), true) == pattern.end();
    if (never || (everywhere && !always) || IsSingle(entries[i].distribution)) continue;
    const auto known = std::find(patterns.begin(), patterns.end(), pattern);
    if (known != patterns.end()) {
      blocks[static_cast<std::size_t>(known - patterns.begin())].push_back(i);
    } else {
      patterns.push_back(std::move(pattern));
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
        below_(Observe(entries_, split.below)),
        above_(Observe(entries_, split.above)),
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
    const ParzenEstimator l = Estimate(space, Rows(below_.values, block));
    const ParzenEstimator g = Estimate(space, Rows(above_.values, block));
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

  ParzenEstimator Estimate(const std::vector<Distribution>& space, const Columns& rows) const {
    const ParzenOptions options{options_.prior_weight, options_.consider_magic_clip,
                                options_.consider_endpoints};
    return {space, rows, LinearForgetting(static_cast<int>(rows.front().size())), options};
  }

  static void Announce(const ParamSet& relative, std::map<std::string, nlohmann::json>* attrs) {
    const std::string text = PythonJson(ExternalValues(relative));
    for (std::size_t i = 0; i * kAttrChunk < text.size(); ++i) {
      (*attrs)[kRelativeParams + std::to_string(i)] = text.substr(i * kAttrChunk, kAttrChunk);
    }
  }

  const TpeOptions& options_;
  const std::vector<SpaceEntry>& entries_;
  Observations below_;
  Observations above_;
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
