#include "search/pruners/percentile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/pruners/interval.h"
#include "search/pruners/objective.h"

namespace yoake::search {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The best of the values, NaN aside; NaN when there is no other.
double BestValue(const std::map<int, double>& values, Direction direction) {
  double best = kNan;
  for (const auto& [step, value] : values) {
    if (std::isnan(value)) continue;
    if (std::isnan(best) || IsWorse(best, value, direction)) best = value;
  }
  return best;
}

// numpy's default, linear between the neighbours, without inf - inf.
double Percentile(std::vector<double> values, double percent) {
  std::sort(values.begin(), values.end());
  const double position = percent / 100 * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<std::size_t>(position);
  const auto upper = std::min(lower + 1, values.size() - 1);
  const double t = position - static_cast<double>(lower);
  if (t == 0 || values[lower] == values[upper]) return values[lower];
  return values[lower] + (values[upper] - values[lower]) * t;
}

class PercentilePruner final : public Pruner {
 public:
  explicit PercentilePruner(PercentileOptions options) : options_(std::move(options)) {}

  PruneDecision Decide(const History& history, const TrialRecord& trial) const override {
    const Direction direction = ObjectiveDirection(history, options_.objective);
    if (!IsFirstInInterval(trial, options_.n_warmup_steps, options_.interval_steps)) return {};
    const int step = trial.intermediate.rbegin()->first;
    int n_complete = 0;
    int n_here = 0;  // NaN counts: such a trial was there, as in Optuna.
    std::vector<double> others;
    for (const TrialRecord& other : history.trials) {
      if (other.number == trial.number || other.state != TrialState::kComplete) continue;
      ++n_complete;
      const auto found = other.intermediate.find(step);
      if (found == other.intermediate.end()) continue;
      ++n_here;
      if (!std::isnan(found->second)) others.push_back(found->second);
    }
    if (n_complete == 0 || n_complete < options_.n_startup_trials) return {};
    const double best = BestValue(trial.intermediate, direction);
    if (std::isnan(best)) return {true, fmt::format("only NaN up to step {}", step), {}};
    if (n_here < options_.n_min_trials || others.empty()) return {};
    const bool maximize = direction == Direction::kMaximize;
    const double threshold = Percentile(others, maximize ? 100 - options_.percentile : options_.percentile);
    if (!IsWorse(best, threshold, direction)) return {};
    const std::string name =
        options_.percentile == 50 ? "median" : fmt::format("{}th percentile", options_.percentile);
    return {true,
            fmt::format("best {:.6g} is {} the {} {:.6g} at step {}", best, maximize ? "below" : "above",
                        name, threshold, step),
            {}};
  }

 private:
  PercentileOptions options_;
};

PercentileOptions ReadCommon(const JsonReader& reader, PercentileOptions options) {
  reader.Read("n_startup_trials", &options.n_startup_trials);
  reader.Read("n_warmup_steps", &options.n_warmup_steps);
  reader.Read("interval_steps", &options.interval_steps);
  reader.Read("n_min_trials", &options.n_min_trials);
  ReadObjective(reader, &options.objective);
  reader.Finish();
  Checked(reader, [&] { options.Validate(); });
  return options;
}

}  // namespace

void PercentileOptions::Validate() const {
  RequireWithin("percentile", percentile, 0, 100);
  RequireAtLeast("n_startup_trials", n_startup_trials, 0);
  RequireAtLeast("n_warmup_steps", n_warmup_steps, 0);
  RequireAtLeast("interval_steps", interval_steps, 1);
  RequireAtLeast("n_min_trials", n_min_trials, 1);
}

std::unique_ptr<Pruner> MakePercentilePruner(PercentileOptions options) {
  options.Validate();
  return std::make_unique<PercentilePruner>(std::move(options));
}

std::unique_ptr<Pruner> MakePercentilePruner(const JsonReader& reader) {
  PercentileOptions options;
  options.percentile = reader.At("percentile").AsDouble();
  return MakePercentilePruner(ReadCommon(reader, options));
}

std::unique_ptr<Pruner> MakeMedianPruner(const JsonReader& reader) {
  return MakePercentilePruner(ReadCommon(reader, PercentileOptions{}));
}

}  // namespace yoake::search
