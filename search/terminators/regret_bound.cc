#include "search/terminators/regret_bound.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "search/option_checks.h"
#include "search/pruners/objective.h"
#include "search/samplers/evidence.h"
#include "search/samplers/gaussian_process.h"
#include "search/samplers/half_rank.h"

namespace yoake::search {
namespace {

constexpr std::size_t kMostTrials = 200;      // Of the model, whose cost grows with their cube.
constexpr std::size_t kBoundFitTrials = 100;  // More tell the kernel's parameters little.
constexpr std::size_t kCandidates = 2048;
constexpr std::size_t kBoundCenters = 5;
constexpr double kSpreads[] = {0.3, 0.1, 0.03, 0.01};  // Around the best trials, of each range.
constexpr std::size_t kAroundEach = 64;                // Candidates for a center and a spread.

// The trials as the model wants them, best first.
struct RankedTrials {
  std::vector<UnitPoint> points;
  GpData data;      // The same points as features, values of mean 0 and deviation 1.
  double unit = 0;  // One of the model's values in the objective's unit; infinite when that cannot be told.
};

// The better half of what is kept are the best, the other half stands for the rest.
std::vector<std::size_t> Thinned(std::vector<std::size_t> order, std::size_t n) {
  if (order.size() <= n) return order;
  const std::size_t best = n / 2;
  for (std::size_t i = best; i < n; ++i) {
    order[i] = order[best + (i - best) * (order.size() - best) / (n - best)];
  }
  order.resize(n);
  return order;
}

GpData Rows(const GpData& data, const std::vector<std::size_t>& rows) {
  GpData chosen{data.categorical, {}, {}};
  for (const std::size_t row : rows) {
    chosen.x.push_back(data.x[row]);
    chosen.y.push_back(data.y[row]);
  }
  return chosen;
}

RankedTrials Rank(const UnitSpace& space, const Evidence& evidence, const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> warped = values;
  HalfRankAndStandardize(&warped);
  RankedTrials ranked;
  for (const UnitSpace::Dimension& d : space.dimensions()) ranked.data.categorical.push_back(d.categorical());
  for (const std::size_t row : Thinned(order, kMostTrials)) {
    ranked.points.push_back(evidence.points[row]);
    ranked.data.x.push_back(space.Features(evidence.points[row]));
    ranked.data.y.push_back(warped[row]);
  }
  // The warp keeps the shape of the better half.
  const std::size_t best = order.front(), median = order[order.size() / 2];
  const double range = warped[median] - warped[best];
  ranked.unit = range > 0 ? (values[median] - values[best]) / range : std::numeric_limits<double>::infinity();
  return ranked;
}

// Points all over the space and, closer and closer, around the best trials.
std::vector<UnitPoint> Candidates(const UnitSpace& space, const RankedTrials& trials) {
  RandomStream stream = RandomStream(0).Split("regret_bound");  // The same points at every decision.
  std::vector<UnitPoint> candidates = trials.data.x;
  for (std::size_t i = 0; i < kCandidates; ++i) candidates.push_back(space.Features(space.Random(&stream)));
  for (std::size_t center = 0; center < std::min(kBoundCenters, trials.points.size()); ++center) {
    for (const double spread : kSpreads) {
      for (std::size_t i = 0; i < kAroundEach; ++i) {
        UnitPoint point = trials.points[center];
        for (std::size_t d = 0; d < point.size(); ++d) {
          if (space.dimensions()[d].categorical()) continue;
          point[d] = std::clamp(point[d] + spread * stream.Normal(), 0.0, 1.0);
        }
        space.Settle(&point, space.Fill(&stream));
        candidates.push_back(space.Features(point));
      }
    }
  }
  return candidates;
}

// min over `points` of mean + factor * deviation.
double LeastBound(const GaussianProcess& process, const std::vector<UnitPoint>& points, double factor) {
  double least = std::numeric_limits<double>::infinity();
  for (const GaussianProcess::Prediction& at : process.Predict(points)) {
    least = std::min(least, at.mean + factor * std::sqrt(at.variance));
  }
  return least;
}

// In the objective's unit.
double RegretBound(const UnitSpace& space, const RankedTrials& trials, std::size_t n_trials) {
  const double n = static_cast<double>(n_trials), d = static_cast<double>(space.size());
  const double b = std::sqrt(std::log(d * n * n * std::numbers::pi * std::numbers::pi / (6 * 0.1)));
  std::vector<std::size_t> rows(trials.points.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const GpParameters parameters =
      FitGp(Rows(trials.data, Thinned(rows, kBoundFitTrials)), DefaultGpParameters(space.size()), {});
  const GaussianProcess process(trials.data, parameters);
  return trials.unit *
         (LeastBound(process, trials.data.x, b) - LeastBound(process, Candidates(space, trials), -b));
}

class RegretBoundTerminator final : public Terminator {
 public:
  explicit RegretBoundTerminator(RegretBoundOptions options) : options_(std::move(options)) {}

  StopDecision Decide(const SearchSpace& search_space, const History& history, double) const override {
    const std::size_t objective = ObjectiveIndex(history, options_.objective);
    const UnitSpace space(search_space);
    const Evidence evidence = Gather(space, history, /*skip_number=*/-1);
    const std::size_t n = evidence.points.size();
    if (space.size() == 0 || n < static_cast<std::size_t>(options_.n_min_trials)) return {};
    const double bound = RegretBound(space, Rank(space, evidence, evidence.values[objective]), n);
    if (!(bound <= options_.difference)) return {};
    return {true,
            fmt::format("after {} trials no configuration is expected to be better by more than {:.3g}, "
                        "less than the {:.3g} that can be told from chance",
                        n, bound, options_.difference)};
  }

 private:
  RegretBoundOptions options_;
};

}  // namespace

void RegretBoundOptions::Validate() const {
  RequireAbove("difference", difference, 0);
  RequireAtLeast("n_min_trials", n_min_trials, 2);
}

std::unique_ptr<Terminator> MakeRegretBoundTerminator(RegretBoundOptions options) {
  options.Validate();
  return std::make_unique<RegretBoundTerminator>(std::move(options));
}

std::unique_ptr<Terminator> MakeRegretBoundTerminator(const JsonReader& reader) {
  RegretBoundOptions options;
  options.difference = reader.At("difference").AsDouble();
  reader.Read("n_min_trials", &options.n_min_trials);
  ReadObjective(reader, &options.objective);
  reader.Finish();
  return Checked(reader, [&] { return MakeRegretBoundTerminator(options); });
}

}  // namespace yoake::search
