#include "search/pruners/asha.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/pruners/objective.h"

namespace yoake::search {
namespace {

std::string RungKey(int rung) { return "completed_rung_" + std::to_string(rung); }

using Competes = std::function<bool(const TrialRecord&)>;

class Halving {
 public:
  Halving(const AshaOptions& options, const Competes& competes) : options_(options), competes_(competes) {}

  PruneDecision Decide(const History& history, const TrialRecord& trial) const {
    const Direction direction = ObjectiveDirection(history, options_.objective);
    const std::optional<double> first = FirstRungStep(history);
    if (trial.intermediate.empty() || !first) return {};
    const auto [step, value] = *trial.intermediate.rbegin();
    int rung = 0;
    while (trial.system_attrs.contains(RungKey(rung))) ++rung;
    PruneDecision decision;
    for (;; ++rung) {
      const double rung_step = *first * std::pow(options_.reduction_factor, rung);
      if (step < rung_step) return decision;
      if (std::isnan(value)) {
        decision.prune = true;
        decision.reason = fmt::format("NaN at step {}", step);
        return decision;
      }
      // JSON has no infinity; an infinite value is judged but leaves no mark for the others.
      if (std::isfinite(value)) decision.system_attrs[RungKey(rung)] = value;
      const std::vector<double> competing = Competing(history, trial, value, rung);
      if (!GoesOn(value, competing, direction)) {
        decision.prune = true;
        decision.reason = fmt::format("{:.6g} at step {} is not among the best {} of {} at rung {}", value,
                                      step, Places(competing.size()), competing.size(), rung);
        return decision;
      }
    }
  }

 private:
  std::optional<double> FirstRungStep(const History& history) const {
    const double skipped = std::pow(options_.reduction_factor, options_.min_early_stopping_rate);
    if (options_.min_resource) return *options_.min_resource * skipped;
    const std::optional<int> longest = LongestComplete(history);
    if (!longest) return std::nullopt;
    return std::max(1, *longest / 100) * skipped;
  }

  // The values all trials had at this rung, the trial's own included.
  std::vector<double> Competing(const History& history, const TrialRecord& trial, double value,
                                int rung) const {
    std::vector<double> values = {value};
    const std::string key = RungKey(rung);
    for (const TrialRecord& other : history.trials) {
      if (other.number == trial.number || !competes_(other)) continue;
      const auto found = other.system_attrs.find(key);
      if (found != other.system_attrs.end() && found->second.is_number()) {
        values.push_back(found->second.get<double>());
      }
    }
    return values;
  }

  std::size_t Places(std::size_t competing) const {
    return std::max<std::size_t>(1, competing / static_cast<std::size_t>(options_.reduction_factor));
  }

  bool GoesOn(double value, std::vector<double> competing, Direction direction) const {
    if (competing.size() <= static_cast<std::size_t>(options_.bootstrap_count)) return false;
    std::sort(competing.begin(), competing.end(),
              [&](double a, double b) { return IsWorse(b, a, direction); });
    return !IsWorse(value, competing[Places(competing.size()) - 1], direction);
  }

  const AshaOptions& options_;
  const Competes& competes_;
};

class AshaPruner final : public Pruner {
 public:
  explicit AshaPruner(AshaOptions options) : options_(std::move(options)) {}

  PruneDecision Decide(const History& history, const TrialRecord& trial) const override {
    return HalveSuccessively(options_, history, trial, [](const TrialRecord&) { return true; });
  }

 private:
  AshaOptions options_;
};

}  // namespace

PruneDecision HalveSuccessively(const AshaOptions& options, const History& history, const TrialRecord& trial,
                                const Competes& competes) {
  return Halving(options, competes).Decide(history, trial);
}

std::optional<int> LongestComplete(const History& history) {
  std::optional<int> longest;
  for (const TrialRecord& trial : history.trials) {
    if (trial.state != TrialState::kComplete || trial.intermediate.empty()) continue;
    longest = std::max(longest.value_or(0), trial.intermediate.rbegin()->first);
  }
  return longest;
}

void ReadStepsOrAuto(const JsonReader& reader, const char* key, std::optional<int>* out) {
  const auto steps = reader.Find(key);
  if (!steps) return;
  if (!steps->value().is_string()) {
    *out = steps->AsInt32();
  } else if (steps->AsString() != "auto") {
    steps->Fail("expected a number of steps or \"auto\"");
  }
}

void AshaOptions::Validate() const {
  if (min_resource) RequireAtLeast("min_resource", *min_resource, 1);
  RequireAtLeast("reduction_factor", reduction_factor, 2);
  RequireAtLeast("min_early_stopping_rate", min_early_stopping_rate, 0);
  RequireAtLeast("bootstrap_count", bootstrap_count, 0);
  if (bootstrap_count > 0 && !min_resource) {
    throw Error(ErrorKind::kConfig, "'bootstrap_count' needs a number as 'min_resource', not \"auto\"");
  }
}

std::unique_ptr<Pruner> MakeAshaPruner(AshaOptions options) {
  options.Validate();
  return std::make_unique<AshaPruner>(std::move(options));
}

std::unique_ptr<Pruner> MakeAshaPruner(const JsonReader& reader) {
  AshaOptions options;
  ReadStepsOrAuto(reader, "min_resource", &options.min_resource);
  reader.Read("reduction_factor", &options.reduction_factor);
  reader.Read("min_early_stopping_rate", &options.min_early_stopping_rate);
  reader.Read("bootstrap_count", &options.bootstrap_count);
  ReadObjective(reader, &options.objective);
  reader.Finish();
  return Checked(reader, [&] { return MakeAshaPruner(options); });
}

}  // namespace yoake::search
