#include "search/pruners/threshold.h"

#include <fmt/format.h>

#include <cmath>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/pruners/interval.h"

namespace yoake::search {
namespace {

class ThresholdPruner final : public Pruner {
 public:
  explicit ThresholdPruner(const ThresholdOptions& options) : options_(options) {}

  PruneDecision Decide(const History&, const TrialRecord& trial) const override {
    if (!IsFirstInInterval(trial, options_.n_warmup_steps, options_.interval_steps)) return {};
    const auto [step, value] = *trial.intermediate.rbegin();
    if (std::isnan(value)) return {true, fmt::format("NaN at step {}", step), {}};
    if (options_.lower && value < *options_.lower) return Outside(value, "below", *options_.lower, step);
    if (options_.upper && value > *options_.upper) return Outside(value, "above", *options_.upper, step);
    return {};
  }

 private:
  static PruneDecision Outside(double value, const char* side, double limit, int step) {
    return {true, fmt::format("{:.6g} is {} the threshold {:.6g} at step {}", value, side, limit, step), {}};
  }

  ThresholdOptions options_;
};

}  // namespace

void ThresholdOptions::Validate() const {
  RequireAtLeast("n_warmup_steps", n_warmup_steps, 0);
  RequireAtLeast("interval_steps", interval_steps, 1);
  if (!lower && !upper) throw Error(ErrorKind::kConfig, "'lower', 'upper' or both are required");
  if (lower && upper && *lower > *upper) {
    throw Error(ErrorKind::kConfig, fmt::format("'lower' {} must not be above 'upper' {}", *lower, *upper));
  }
}

std::unique_ptr<Pruner> MakeThresholdPruner(ThresholdOptions options) {
  options.Validate();
  return std::make_unique<ThresholdPruner>(options);
}

std::unique_ptr<Pruner> MakeThresholdPruner(const JsonReader& reader) {
  ThresholdOptions options;
  reader.Read("lower", &options.lower);
  reader.Read("upper", &options.upper);
  reader.Read("n_warmup_steps", &options.n_warmup_steps);
  reader.Read("interval_steps", &options.interval_steps);
  reader.Finish();
  return Checked(reader, [&] { return MakeThresholdPruner(options); });
}

}  // namespace yoake::search
