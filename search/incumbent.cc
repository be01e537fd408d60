#include "search/incumbent.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "search/option_checks.h"
#include "search/samplers/lesson.h"

namespace yoake::search {
namespace {

constexpr int kLeastRepeats = 3;  // Fewer tell too little of the noise for intervals.

// What the values of one configuration, and those of different ones, vary by.
struct Variances {
  int repeats = 0;  // Values beyond the first of a configuration.
  double noise = 0;
  double spread = 0;  // Of the better half's true values around `center`.
  double center = 0;  // Minimised.

  double Posterior(int runs) const { return 1 / (runs / noise + 1 / spread); }
};

struct Ranking {
  std::vector<Candidate> candidates;
  Variances variances;
};

// What two trials must share to be runs of one configuration.
using Key = std::pair<std::string, std::vector<std::pair<std::string, double>>>;

Key KeyOf(const TrialRecord& trial) {
  Key key;
  const auto variant = trial.user_attrs.find("variant");
  if (variant != trial.user_attrs.end()) key.first = variant->second.dump();
  for (const auto& [name, param] : trial.params) key.second.emplace_back(name, param.internal);
  return key;
}

Variances Estimate(const std::vector<Candidate>& candidates, const History& history, double squares) {
  Variances v;
  std::vector<std::pair<double, std::size_t>> means;  // Minimised, and of how many runs.
  for (const Candidate& c : candidates) {
    v.repeats += static_cast<int>(c.runs.size()) - 1;
    means.emplace_back(Minimised(c.mean, history.directions.front()), c.runs.size());
  }
  if (v.repeats == 0) return v;
  v.noise = squares / v.repeats;
  std::sort(means.begin(), means.end());
  means.resize((means.size() + 1) / 2);
  const double n = static_cast<double>(means.size());
  for (const auto& [mean, runs] : means) v.center += mean / n;
  for (const auto& [mean, runs] : means) {
    v.spread += (mean - v.center) * (mean - v.center) / std::max(1.0, n - 1);
    v.spread -= v.noise / static_cast<double>(runs) / n;
  }
  v.spread = std::max(v.spread, 0.1 * v.noise);
  return v;
}

Ranking Rank(const History& history) {
  const Direction direction = history.directions.front();
  std::vector<Candidate> all;
  std::map<Key, std::size_t> places;
  double squares = 0;  // Of the values' distances to their means.
  for (const TrialRecord& trial : history.trials) {
    const auto [place, is_new] = places.try_emplace(KeyOf(trial), all.size());
    if (is_new) all.emplace_back();
    Candidate& c = all[place->second];
    if (!HasValues(trial, 1) || Violation(trial) > 0) {
      ++c.unscored;
      continue;
    }
    if (c.trial == nullptr) c.trial = &trial;
    c.runs.push_back(trial.number);
    const double off = trial.values[0] - c.mean;  // Welford's running mean and squares.
    c.mean += off / static_cast<double>(c.runs.size());
    squares += off * (trial.values[0] - c.mean);
  }
  std::erase_if(all, [](const Candidate& c) { return c.runs.empty(); });
  const Variances v = Estimate(all, history, squares);
  for (Candidate& c : all) {
    c.estimate = c.mean;
    if (v.repeats == 0) continue;
    c.standard_error = 0;
    if (v.noise == 0) continue;
    const int runs = static_cast<int>(c.runs.size());
    const double share = v.Posterior(runs) / v.spread;  // Of the center.
    c.estimate += share * (Minimised(v.center, direction) - c.mean);
    c.standard_error = std::sqrt(v.Posterior(runs));
  }
  std::stable_sort(all.begin(), all.end(), [&](const Candidate& a, const Candidate& b) {
    return Minimised(a.estimate, direction) < Minimised(b.estimate, direction);
  });
  return {std::move(all), v};
}

}  // namespace

void RaceOptions::Validate() const {
  RequireAtLeast("contenders", contenders, 1);
  RequireAtLeast("max_runs", max_runs, 2);
  RequireAbove("interval", interval, 0);
}

std::vector<Candidate> RankCandidates(const History& history) { return Rank(history).candidates; }

std::optional<Candidate> NextToConfirm(const History& history, const RaceOptions& options) {
  options.Validate();
  auto [candidates, variances] = Rank(history);
  if (candidates.size() > static_cast<std::size_t>(options.contenders))
    candidates.resize(static_cast<std::size_t>(options.contenders));
  if (candidates.empty()) return std::nullopt;
  const auto runs = [](const Candidate& c) { return static_cast<int>(c.runs.size()) + c.unscored; };
  const auto fewer = [&](const Candidate& a, const Candidate& b) { return runs(a) < runs(b); };
  if (variances.repeats < kLeastRepeats || candidates.size() == 1) {
    const Candidate& next = *std::min_element(candidates.begin(), candidates.end(), fewer);
    return runs(next) < options.max_runs ? std::optional(next) : std::nullopt;
  }
  const Direction direction = history.directions.front();
  const auto lower = [&](const Candidate& c) {
    return Minimised(c.estimate, direction) - options.interval * *c.standard_error;
  };
  const Candidate leader = candidates.front();
  const double reach = Minimised(leader.estimate, direction) + options.interval * *leader.standard_error;
  candidates.erase(candidates.begin());
  std::erase_if(candidates, [&](const Candidate& c) { return lower(c) >= reach; });
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const Candidate& a, const Candidate& b) { return lower(a) < lower(b); });
  for (const Candidate& challenger : candidates) {
    const auto [less, more] = std::minmax(leader, challenger, fewer);
    if (runs(less) < options.max_runs) return less;
  }
  return std::nullopt;
}

}  // namespace yoake::search
