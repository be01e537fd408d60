#include "search/pruners/wilcoxon.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/pruners/objective.h"

namespace yoake::search {
namespace {

constexpr std::size_t kExactUpTo = 50;

// Twice the midrank of each |d|, an integer.
std::vector<int> DoubledRanks(const std::vector<double>& differences) {
  std::vector<std::size_t> order(differences.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto size = [&](std::size_t i) { return std::abs(differences[i]); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) < size(b); });
  std::vector<int> ranks(differences.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && size(order[end]) == size(order[begin])) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<int>(begin + 1 + end);
  }
  return ranks;
}

// P(sum of a random subset of `terms` >= observed), every subset as likely.
double UpperTail(const std::vector<int>& terms, int observed) {
  const int most = std::accumulate(terms.begin(), terms.end(), 0);
  std::vector<double> chance(static_cast<std::size_t>(most) + 1);
  chance[0] = 1;
  for (const int term : terms) {
    for (int sum = most; sum >= 0; --sum) {
      const auto i = static_cast<std::size_t>(sum);
      chance[i] = 0.5 * (chance[i] + (sum >= term ? chance[i - static_cast<std::size_t>(term)] : 0));
    }
  }
  double tail = 0;
  for (int sum = most; sum >= std::max(observed, 0); --sum) tail += chance[static_cast<std::size_t>(sum)];
  return std::min(tail, 1.0);
}

bool IsFinite(const TrialRecord& trial) {
  return std::all_of(trial.intermediate.begin(), trial.intermediate.end(),
                     [](const auto& report) { return std::isfinite(report.second); });
}

double Mean(const std::map<int, double>& reports) {
  double sum = 0;
  for (const auto& [step, value] : reports) sum += value;
  return sum / static_cast<double>(reports.size());
}

class WilcoxonPruner final : public Pruner {
 public:
  explicit WilcoxonPruner(WilcoxonOptions options) : options_(std::move(options)) {}

  PruneDecision Decide(const History& history, const TrialRecord& trial) const override {
    const Direction direction = ObjectiveDirection(history, options_.objective);
    const TrialRecord* best = BestOther(history, trial.number);
    if (best == nullptr || best->intermediate.empty() || trial.intermediate.empty()) return {};
    if (!IsFinite(trial) || !IsFinite(*best)) return {};
    std::vector<double> worse_by;
    for (const auto& [step, value] : trial.intermediate) {
      const auto same = best->intermediate.find(step);
      if (same == best->intermediate.end()) continue;
      worse_by.push_back(direction == Direction::kMaximize ? same->second - value : value - same->second);
    }
    if (worse_by.size() < static_cast<std::size_t>(options_.n_startup_steps)) return {};
    const double p = SignedRankPValue(worse_by);
    const double own = Mean(trial.intermediate);
    const double of_best = Mean(best->intermediate);
    if (p >= options_.p_threshold || !IsWorse(own, of_best, direction)) return {};
    return {true,
            fmt::format("mean {:.6g} is worse than {:.6g} of trial {} over {} common steps, p = {:.2g}", own,
                        of_best, best->number, worse_by.size(), p),
            {}};
  }

 private:
  const TrialRecord* BestOther(const History& history, int number) const {
    const std::size_t objective = ObjectiveIndex(history, options_.objective);
    const TrialRecord* best = nullptr;
    for (const TrialRecord& other : history.trials) {
      if (other.number == number || other.state != TrialState::kComplete) continue;
      if (other.values.size() <= objective) continue;
      if (best == nullptr ||
          IsWorse(best->values[objective], other.values[objective], history.directions[objective])) {
        best = &other;
      }
    }
    return best;
  }

  WilcoxonOptions options_;
};

}  // namespace

double SignedRankPValue(const std::vector<double>& differences) {
  const std::vector<int> ranks = DoubledRanks(differences);  // Everything below in half ranks.
  std::vector<int> signed_ranks;
  double positive = 0, squares = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (differences[i] != 0) signed_ranks.push_back(ranks[i]);
    if (differences[i] > 0) positive += ranks[i];
    squares += static_cast<double>(ranks[i]) * ranks[i];
  }
  if (signed_ranks.empty()) return 1;
  if (differences.size() <= kExactUpTo) return UpperTail(signed_ranks, static_cast<int>(positive));
  const double all = std::accumulate(ranks.begin(), ranks.end(), 0.0);
  const double zeros = all - std::accumulate(signed_ranks.begin(), signed_ranks.end(), 0.0);
  const double z = (positive + zeros / 2 - all / 2) / (std::sqrt(squares) / 2);
  return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

void WilcoxonOptions::Validate() const {
  RequireWithin("p_threshold", p_threshold, 0, 1);
  RequireAtLeast("n_startup_steps", n_startup_steps, 0);
}

std::unique_ptr<Pruner> MakeWilcoxonPruner(WilcoxonOptions options) {
  options.Validate();
  return std::make_unique<WilcoxonPruner>(std::move(options));
}

std::unique_ptr<Pruner> MakeWilcoxonPruner(const JsonReader& reader) {
  WilcoxonOptions options;
  reader.Read("p_threshold", &options.p_threshold);
  reader.Read("n_startup_steps", &options.n_startup_steps);
  ReadObjective(reader, &options.objective);
  reader.Finish();
  return Checked(reader, [&] { return MakeWilcoxonPruner(options); });
}

}  // namespace yoake::search
