#include "reports/regression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "metrics/coco/eval_result.h"
#include "metrics/uncertainty/statistics.h"
#include "reports/comparison_tables.h"

namespace yoake::reports {
namespace {

using metrics::Comparison;
using metrics::RowResult;

constexpr double kPlannedPower = 0.8;

// What is checked, before it is known how it compares.
struct Planned {
  std::string name;
  const RowResult* candidate;
  const RowResult* baseline;  // Null against floors.
  std::size_t column;
  double allowed;
  bool category;

  const metrics::ColumnResult& cell() const { return candidate->columns[column]; }
};

GateCheck Begin(const Planned& planned, const GateOptions& options) {
  GateCheck check;
  check.name = planned.name;
  check.truth = planned.cell().truth;
  check.few = planned.cell().few;
  check.counted = !check.few || !planned.category || options.count_few;
  check.candidate = *planned.cell().value;
  check.allowed = planned.allowed;
  return check;
}

std::vector<Planned> Plan(const Comparison& comparison, const GateOptions& options) {
  const metrics::ModelResult& candidate = comparison.models.back();
  const metrics::ModelResult* baseline = comparison.models.size() > 1 ? &comparison.models.front() : nullptr;
  const std::size_t column = ColumnByName(options.metric);
  const RowResult* whole = baseline ? &baseline->whole : nullptr;
  std::vector<Planned> planned = {{options.metric, &candidate.whole, whole, column, options.max_drop, false}};
  if (options.max_size_drop) {
    for (const char* name : {"mAP_s", "mAP_m", "mAP_l"}) {
      planned.push_back({name, &candidate.whole, whole, ColumnByName(name), *options.max_size_drop, false});
    }
  }
  for (std::size_t k = 0; k < candidate.categories.size(); ++k) {
    planned.push_back({candidate.categories[k].category + "." + options.metric, &candidate.categories[k],
                       baseline ? &baseline->categories[k] : nullptr, column, options.max_category_drop,
                       true});
  }
  return planned;
}

std::optional<std::size_t> UnitsNeeded(const GateCheck& check, std::size_t units, double alpha) {
  if (check.allowed <= 0 || check.interval.standard_error <= 0) return std::nullopt;
  const double quantiles = metrics::NormalQuantile(1 - alpha) + metrics::NormalQuantile(kPlannedPower);
  const double ratio = quantiles * check.interval.standard_error / check.allowed;
  return static_cast<std::size_t>(std::ceil(static_cast<double>(units) * ratio * ratio));
}

// One-sided p of "the change is not below -allowed"; without spread the numbers themselves decide.
double RegressionP(const GateCheck& check) {
  const double excess = -check.allowed - check.delta;  // How far the drop goes beyond what is allowed.
  if (check.interval.standard_error <= 0) return excess > 0 ? 0 : 1;
  return metrics::UpperTail(excess, check.interval.standard_error, check.interval.df);
}

bool Passes(const GateCheck& check, bool paired, double alpha) {
  if (!paired || check.interval.standard_error <= 0) return check.delta >= -check.allowed;
  return 1 - check.p < alpha;
}

Verdict VerdictOf(const GateCheck& check, bool paired, const GateOptions& options) {
  if (check.p_holm < options.alpha) {
    return check.few && !options.count_few ? Verdict::kInconclusive : Verdict::kRegression;
  }
  return Passes(check, paired, options.alpha) ? Verdict::kPass : Verdict::kInconclusive;
}

// Holm over the checks that count; the others are corrected as if they did, so that theirs are not smaller.
void AdjustOverChecks(std::vector<GateCheck>* checks) {
  for (const bool counted : {false, true}) {
    std::vector<double> p_values;
    std::vector<GateCheck*> family;
    for (GateCheck& check : *checks) {
      if (counted && !check.counted) continue;
      p_values.push_back(check.p);
      family.push_back(&check);
    }
    const std::vector<double> adjusted = metrics::HolmAdjusted(p_values);
    for (std::size_t i = 0; i < family.size(); ++i) family[i]->p_holm = adjusted[i];
  }
}

GateResult Decide(std::vector<GateCheck> checks, bool paired, const Comparison& comparison,
                  const GateOptions& options) {
  GateResult result;
  result.paired = paired;
  result.units = comparison.units;
  result.grouped = comparison.grouped();
  result.options = options;
  for (GateCheck& check : checks) check.p = RegressionP(check);
  AdjustOverChecks(&checks);
  bool regression = false;
  bool inconclusive = false;
  for (GateCheck& check : checks) {
    check.units_needed = UnitsNeeded(check, result.units, options.alpha);
    check.verdict = VerdictOf(check, paired, options);
    regression |= check.counted && check.verdict == Verdict::kRegression;
    inconclusive |= check.counted && check.verdict == Verdict::kInconclusive;
  }
  result.verdict =
      regression ? Verdict::kRegression : (inconclusive ? Verdict::kInconclusive : Verdict::kPass);
  result.checks = std::move(checks);
  return result;
}

}  // namespace

void GateOptions::Validate() const {
  const auto require = [](bool fine, const std::string& message) {
    if (!fine) throw Error(ErrorKind::kUsage, message);
  };
  ColumnByName(metric);
  require(alpha >= 0.0001 && alpha < 0.5, fmt::format("alpha: expected 0.0001 to 0.5, got {}", alpha));
  const auto drop = [&](const char* name, double value) {
    require(value >= 0 && value <= 1,
            fmt::format("{}: expected 0 to 1 (0.005 is half a point), got {}", name, value));
  };
  drop("max_drop", max_drop);
  drop("max_category_drop", max_category_drop);
  drop("max_size_drop", max_size_drop.value_or(0));
}

const char* ToString(Verdict verdict) {
  constexpr const char* kNames[] = {"pass", "regression", "inconclusive"};
  return kNames[static_cast<int>(verdict)];
}

int ExitCodeOf(Verdict verdict) {
  constexpr int kCodes[] = {0, 1, 3};
  return kCodes[static_cast<int>(verdict)];
}

double GateConfidence(const GateOptions& options) { return std::max(0.5, 1 - 2 * options.alpha); }

GateResult CheckRegression(const Comparison& comparison, const GateOptions& options) {
  std::vector<GateCheck> checks;
  for (const Planned& planned : Plan(comparison, options)) {
    const metrics::ColumnResult& cell = planned.cell();
    if (!cell.value || !cell.difference) continue;  // No truth of this kind.
    GateCheck check = Begin(planned, options);
    check.baseline = planned.baseline->columns[planned.column].value.value_or(0);
    check.delta = cell.difference->delta;
    check.interval = cell.difference->interval;
    checks.push_back(std::move(check));
  }
  if (checks.empty()) throw Error(ErrorKind::kData, "the truth has no boxes: there is nothing to check");
  return Decide(std::move(checks), true, comparison, options);
}

GateResult CheckFloors(const Comparison& comparison, const metrics::Floors& floors,
                       const GateOptions& options) {
  std::vector<GateCheck> checks;
  for (const Planned& planned : Plan(comparison, options)) {
    const metrics::ColumnResult& cell = planned.cell();
    const auto floor = floors.find(planned.name);
    if (!cell.value || floor == floors.end()) continue;
    GateCheck check = Begin(planned, options);
    check.baseline = floor->second;
    check.delta = *cell.value - floor->second;
    check.interval = cell.interval;
    check.interval.low -= floor->second;
    check.interval.high -= floor->second;
    checks.push_back(std::move(check));
  }
  if (checks.empty()) {
    throw Error(ErrorKind::kData,
                fmt::format("the baseline has no number for {} nor for a category's: there is "
                            "nothing to check",
                            options.metric));
  }
  return Decide(std::move(checks), false, comparison, options);
}

}  // namespace yoake::reports
