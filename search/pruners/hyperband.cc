#include "search/pruners/hyperband.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/crc32.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/pruners/asha.h"
#include "search/pruners/objective.h"

namespace yoake::search {
namespace {

// Shares of the trials: bracket b gets about nb * eta^(nb-1-b) / (nb-b).
class Brackets {
 public:
  Brackets(const HyperbandOptions& options, int max_resource) {
    const double ratio = static_cast<double>(max_resource) / options.min_resource;
    const int n = std::max(1, static_cast<int>(std::log(ratio) / std::log(options.reduction_factor)) + 1);
    for (int s = n - 1; s >= 0; --s) {
      const double share = n * std::pow(options.reduction_factor, s) / (s + 1);
      shares_.push_back(static_cast<std::uint32_t>(std::ceil(share)));
      total_ += shares_.back();
    }
  }

  int Of(const std::string& study, int number) const {
    std::uint32_t ticket = Crc32(study + "_" + std::to_string(number)) % total_;
    int bracket = 0;
    for (; ticket >= shares_[static_cast<std::size_t>(bracket)]; ++bracket) {
      ticket -= shares_[static_cast<std::size_t>(bracket)];
    }
    return bracket;
  }

 private:
  std::vector<std::uint32_t> shares_;
  std::uint32_t total_ = 0;
};

class HyperbandPruner final : public Pruner {
 public:
  explicit HyperbandPruner(HyperbandOptions options) : options_(std::move(options)) {}

  PruneDecision Decide(const History& history, const TrialRecord& trial) const override {
    std::optional<int> max_resource = options_.max_resource;
    if (const auto longest = LongestComplete(history); !max_resource && longest) max_resource = *longest + 1;
    if (!max_resource) return {};
    const Brackets brackets(options_, *max_resource);
    const int own = brackets.Of(history.study_name, trial.number);
    AshaOptions halving;
    halving.min_resource = options_.min_resource;
    halving.reduction_factor = options_.reduction_factor;
    halving.min_early_stopping_rate = own;
    halving.bootstrap_count = options_.bootstrap_count;
    halving.objective = options_.objective;
    PruneDecision decision = HalveSuccessively(halving, history, trial, [&](const TrialRecord& other) {
      return brackets.Of(history.study_name, other.number) == own;
    });
    if (decision.prune) decision.reason += " of bracket " + std::to_string(own);
    return decision;
  }

 private:
  HyperbandOptions options_;
};

}  // namespace

void HyperbandOptions::Validate() const {
  RequireAtLeast("min_resource", min_resource, 1);
  if (max_resource) RequireAtLeast("max_resource", *max_resource, min_resource);
  RequireAtLeast("reduction_factor", reduction_factor, 2);
  RequireAtLeast("bootstrap_count", bootstrap_count, 0);
  if (bootstrap_count > 0 && !max_resource) {
    throw Error(ErrorKind::kConfig, "'bootstrap_count' needs a number as 'max_resource', not \"auto\"");
  }
}

std::unique_ptr<Pruner> MakeHyperbandPruner(HyperbandOptions options) {
  options.Validate();
  return std::make_unique<HyperbandPruner>(std::move(options));
}

std::unique_ptr<Pruner> MakeHyperbandPruner(const JsonReader& reader) {
  HyperbandOptions options;
  reader.Read("min_resource", &options.min_resource);
  ReadStepsOrAuto(reader, "max_resource", &options.max_resource);
  reader.Read("reduction_factor", &options.reduction_factor);
  reader.Read("bootstrap_count", &options.bootstrap_count);
  ReadObjective(reader, &options.objective);
  reader.Finish();
  return Checked(reader, [&] { return MakeHyperbandPruner(options); });
}

}  // namespace yoake::search
