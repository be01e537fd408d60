#include "search/samplers/gp.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/samplers/acquisition.h"
#include "search/samplers/evidence.h"
#include "search/samplers/half_rank.h"
#include "search/samplers/random.h"

namespace yoake::search {
namespace {

constexpr std::size_t kFitTrials = 120;  // More tell the kernel's parameters little.
constexpr std::size_t kCenters = 5;

// What length scales the model expects, by turns of trials. One expectation alone is sure of itself too early
// in some problem: a smooth one leaves branches of a conditional space for good, a rough one wanders.
constexpr double kLogLengths[] = {kSmoothLogLength, 0};

std::vector<std::size_t> ByValue(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

// `n` rows, ascending: the better half of them the best, the others the latest.
std::vector<std::size_t> BestAndLatest(const std::vector<double>& values, std::size_t n) {
  const std::vector<std::size_t> order = ByValue(values);
  std::vector<bool> taken(values.size(), values.size() <= n);
  std::size_t left = values.size() <= n ? 0 : n;
  for (std::size_t i = 0; left > n / 2; ++i, --left) taken[order[i]] = true;
  for (std::size_t row = values.size(); left > 0; --left) {
    do {
      --row;
    } while (taken[row]);
    taken[row] = true;
  }
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < taken.size(); ++row) {
    if (taken[row]) rows.push_back(row);
  }
  return rows;
}

GpData Chosen(const GpData& data, std::size_t n) {
  GpData chosen{data.categorical, {}, {}};
  for (const std::size_t row : BestAndLatest(data.y, n)) {
    chosen.x.push_back(data.x[row]);
    chosen.y.push_back(data.y[row]);
  }
  return chosen;
}

// One objective of several: each scaled to [0, 1], weighted at random, the largest counting most.
std::vector<double> Scalarized(const std::vector<std::vector<double>>& values, RandomStream* stream) {
  if (values.size() == 1) return values.front();
  std::vector<double> weights;
  for (std::size_t k = 0; k < values.size(); ++k) weights.push_back(-std::log(1 - stream->Uniform()));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> largest(values.front().size()), total(largest.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto [low, high] = std::minmax_element(values[k].begin(), values[k].end());
    const double range = std::max(*high - *low, 1e-12), least = *low;
    for (std::size_t i = 0; i < largest.size(); ++i) {
      const double term = weights[k] / sum * (values[k][i] - least) / range;
      largest[i] = std::max(largest[i], term);
      total[i] += term;
    }
  }
  for (std::size_t i = 0; i < largest.size(); ++i) largest[i] += 0.05 * total[i];
  return largest;
}

// One suggestion in the making.
class GpDraw {
 public:
  GpDraw(const GpOptions& options, const UnitSpace& space, const Evidence& evidence, int trial_number,
         RandomStream stream)
      : options_(options),
        space_(space),
        evidence_(evidence),
        log_length_(kLogLengths[static_cast<std::size_t>(trial_number) % std::size(kLogLengths)]),
        stream_(stream) {}

  std::optional<UnitPoint> Point() {
    Acquisition acquisition;
    for (const auto& [name, column] : evidence_.constraints)
      acquisition.constraints.push_back({Model(Data(column.points, column.values)), 0});
    std::vector<UnitPoint> centers;
    if (!evidence_.points.empty()) {
      const bool by_volume = evidence_.values.size() > 1 && evidence_.values.size() <= kVolumeObjectives;
      centers = by_volume ? Enlarge(&acquisition) : Descend(&acquisition);
    }
    const SearchRegion region{std::vector<double>(space_.size(), 0), std::vector<double>(space_.size(), 1),
                              std::move(centers)};
    return MaximizeAcquisition(space_, acquisition, region, evidence_.tried, &stream_);
  }

 private:
  // Improvement of one objective, or of a weighted one; returns the best points.
  std::vector<UnitPoint> Descend(Acquisition* acquisition) {
    std::vector<double> values = Scalarized(evidence_.values, &stream_);
    HalfRankAndStandardize(&values);
    const GpData data = Chosen(Data(evidence_.points, values), Limit());
    const GaussianProcess objective = Model(data);
    acquisition->best = Incumbent(objective, data);
    acquisition->objectives.push_back(evidence_.running.empty() ? objective : Believing(objective, data));
    std::vector<UnitPoint> centers;
    for (const std::size_t row : Ranked(values)) centers.push_back(evidence_.points[row]);
    return centers;
  }

  // Improvement of the front's volume; returns some points of the front.
  std::vector<UnitPoint> Enlarge(Acquisition* acquisition) {
    std::vector<Objectives> means(evidence_.points.size());
    for (std::vector<double> values : evidence_.values) {
      HalfRankAndStandardize(&values);
      const GpData all = Data(evidence_.points, values), data = Chosen(all, Limit());
      const GaussianProcess objective = Model(data);
      const auto predictions = objective.Predict(all.x);
      for (std::size_t i = 0; i < means.size(); ++i) means[i].push_back(predictions[i].mean);
      acquisition->objectives.push_back(evidence_.running.empty() ? objective : Believing(objective, data));
    }
    std::vector<std::size_t> rows = FeasibleFront(means);
    std::vector<Objectives> front;
    for (const std::size_t row : rows) front.push_back(means[row]);
    acquisition->volume.emplace(front, ReferenceOf(front, means));
    std::vector<UnitPoint> centers;
    while (!rows.empty() && centers.size() < kCenters) {
      const std::size_t i = stream_.Below(rows.size());
      centers.push_back(evidence_.points[rows[i]]);
      rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return centers;
  }

  std::vector<std::size_t> FeasibleFront(const std::vector<Objectives>& means) const {
    std::vector<std::size_t> rows, front;
    std::vector<Objectives> points;
    for (std::size_t i = 0; i < means.size(); ++i) {
      if (!evidence_.feasible[i]) continue;
      rows.push_back(i);
      points.push_back(means[i]);
    }
    const std::vector<int> ranks = NonDominationRanks(points);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (ranks[i] == 0) front.push_back(rows[i]);
    }
    return front;
  }

  // A tenth of the front's extent beyond its worst values, or a hundredth of all where that is more.
  static Objectives ReferenceOf(const std::vector<Objectives>& front, const std::vector<Objectives>& all) {
    Objectives reference;
    for (std::size_t k = 0; k < all.front().size(); ++k) {
      const auto extent = [k](const std::vector<Objectives>& points) {
        const auto less = [k](const Objectives& a, const Objectives& b) { return a[k] < b[k]; };
        const auto [low, high] = std::minmax_element(points.begin(), points.end(), less);
        return std::pair((*low)[k], (*high)[k]);
      };
      const auto [least, most] = extent(all);
      const auto [best, worst] = extent(front.empty() ? all : front);
      reference.push_back(worst + std::max({0.1 * (worst - best), 0.01 * (most - least), 1e-6}));
    }
    return reference;
  }

  std::size_t Limit() const { return static_cast<std::size_t>(options_.max_trials); }

  GpData Data(const std::vector<UnitPoint>& points, const std::vector<double>& values) const {
    GpData data{{}, {}, values};
    for (const UnitSpace::Dimension& d : space_.dimensions()) data.categorical.push_back(d.categorical());
    for (const UnitPoint& point : points) data.x.push_back(space_.Features(point));
    return data;
  }

  GaussianProcess Model(const GpData& data) const {
    const GpParameters start = DefaultGpParameters(space_.size());
    return {Chosen(data, Limit()), FitGp(Chosen(data, kFitTrials), start, {.log_length = log_length_})};
  }

  static double Incumbent(const GaussianProcess& process, const GpData& data) {
    double best = std::numeric_limits<double>::infinity();
    for (const auto& prediction : process.Predict(data.x)) best = std::min(best, prediction.mean);
    return best;
  }

  // The process once the running trials have come out as it expects.
  GaussianProcess Believing(const GaussianProcess& process, GpData data) const {
    const GpData running = Data(evidence_.running, {});
    const auto predictions = process.Predict(running.x);
    for (std::size_t i = 0; i < running.x.size(); ++i) {
      data.x.push_back(running.x[i]);
      data.y.push_back(predictions[i].mean);
    }
    return {data, process.parameters()};
  }

  // The best rows, feasible ones first.
  std::vector<std::size_t> Ranked(const std::vector<double>& values) const {
    std::vector<std::size_t> order = ByValue(values);
    std::stable_partition(order.begin(), order.end(),
                          [&](std::size_t row) { return evidence_.feasible[row]; });
    order.resize(std::min(order.size(), kCenters));
    return order;
  }

  const GpOptions& options_;
  const UnitSpace& space_;
  const Evidence& evidence_;
  double log_length_;
  RandomStream stream_;
};

class GpSampler final : public Sampler {
 public:
  explicit GpSampler(const GpOptions& options) : options_(options), startup_(MakeRandomSampler()) {}

  Suggestion Suggest(const SearchSpace& search_space, const History& history, int trial_number,
                     RandomStream stream) const override {
    const UnitSpace space(search_space);
    const Evidence evidence = Gather(space, history, trial_number);
    const RandomStream own = stream.Split("gp").Split(static_cast<std::uint64_t>(trial_number));
    std::optional<UnitPoint> point;
    if (space.size() > 0 && evidence.n_finished >= options_.n_startup_trials) {
      point = GpDraw(options_, space, evidence, trial_number, own).Point();
    }
    if (point) return {space.FromUnit(*point), {}};
    return Untried(space, evidence.tried, startup_->Suggest(search_space, history, trial_number, stream),
                   own);
  }

 private:
  GpOptions options_;
  std::unique_ptr<Sampler> startup_;
};

}  // namespace

void GpOptions::Validate() const {
  RequireAtLeast("n_startup_trials", n_startup_trials, 1);
  RequireAtLeast("max_trials", max_trials, 10);
}

std::unique_ptr<Sampler> MakeGpSampler(GpOptions options) {
  options.Validate();
  return std::make_unique<GpSampler>(options);
}

std::unique_ptr<Sampler> MakeGpSampler(const JsonReader& reader) {
  GpOptions options;
  reader.Read("n_startup_trials", &options.n_startup_trials);
  reader.Read("max_trials", &options.max_trials);
  reader.Finish();
  try {
    return MakeGpSampler(options);
  } catch (const Error& error) {
    reader.Fail(error.message());
  }
}

}  // namespace yoake::search
