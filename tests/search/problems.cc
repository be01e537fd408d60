#include "problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

namespace yoake::search {
namespace {

using nlohmann::json;
constexpr double kPi = std::numbers::pi;

double Branin(const json& p) {
  const double x = p.at("x1"), y = p.at("x2");
  const double a = y - 5.1 / (4 * kPi * kPi) * x * x + 5 / kPi * x - 6;
  return a * a + 10 * (1 - 1 / (8 * kPi)) * std::cos(x) + 10;
}

std::vector<double> Xs(const json& p, int n) {
  std::vector<double> xs;
  for (int i = 0; i < n; ++i) xs.push_back(p.at(fmt::format("x{}", i)));
  return xs;
}

double Hartmann(const json& p) {
  constexpr double a[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                              {0.05, 10, 17, 0.1, 8, 14},
                              {3, 3.5, 1.7, 10, 17, 8},
                              {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double q[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                              {2329, 4135, 8307, 3736, 1004, 9991},
                              {2348, 1451, 3522, 2883, 3047, 6650},
                              {4047, 8828, 8732, 5743, 1091, 381}};
  constexpr double c[4] = {1.0, 1.2, 3.0, 3.2};
  const std::vector<double> x = Xs(p, 6);
  double sum = 0;
  for (int i = 0; i < 4; ++i) {
    double inner = 0;
    for (std::size_t j = 0; j < 6; ++j) inner += a[i][j] * std::pow(x[j] - 1e-4 * q[i][j], 2);
    sum -= c[i] * std::exp(-inner);
  }
  return sum;
}

double Ackley(const json& p) {
  constexpr int d = 10;
  double squares = 0, cosines = 0;
  const std::vector<double> x = Xs(p, d);
  for (int i = 0; i < d; ++i) {
    const double z = x[static_cast<std::size_t>(i)] - (7.0 + 0.5 * i);
    squares += z * z;
    cosines += std::cos(2 * kPi * z);
  }
  return -20 * std::exp(-0.2 * std::sqrt(squares / d)) - std::exp(cosines / d) + 20 + std::numbers::e;
}

double Rosenbrock(const json& p) {
  const std::vector<double> x = Xs(p, 5);
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i)
    sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
  return sum;
}

double Rastrigin(const json& p) {
  const std::vector<double> x = Xs(p, 5);
  double sum = 50;
  for (int i = 0; i < 5; ++i) {
    const double z = x[static_cast<std::size_t>(i)] - (1.3 - 0.4 * i);
    sum += z * z - 10 * std::cos(2 * kPi * z);
  }
  return sum;
}

double Square(double x) { return x * x; }

double MixDet(const json& p) {
  double f = 0, lr = 0;
  if (p.at("opt") == "sgd") {
    lr = p.at("lr_sgd");
    f = Square(std::log10(lr) + 1.8) + 4 * Square(p.at("momentum").get<double>() - 0.93);
  } else if (p.at("opt") == "adamw") {
    lr = p.at("lr_adamw");
    const double beta2 = p.at("beta2");
    f = 0.15 + Square(std::log10(lr) + 3.3) +
        (beta2 == 0.9    ? 0.2
         : beta2 == 0.95 ? 0.1
         : beta2 == 0.98 ? 0.05
         : beta2 == 0.99 ? 0.0
                         : 0.02);
  } else {
    lr = p.at("lr_lion");
    f = 0.3 + Square(std::log10(lr) + 4.2);
  }
  f += 0.1 * Square(std::log2(p.at("batch").get<double>() / 32) + 0.5 * (std::log10(lr) + 3));
  f += 0.1 * Square(std::log10(p.at("wd").get<double>()) + 3.4);
  const double w = std::log2(p.at("width").get<double>()) - 6.5, depth = p.at("depth").get<double>() - 4;
  f += 0.075 * w * w + 0.05 * depth * depth + 0.02 * w * depth;
  const std::string aug = p.at("aug");
  if (aug == "none") f += 0.5;
  if (aug == "flip") f += 0.25;
  if (aug == "mosaic") {
    f += 0.6 * Square(p.at("mosaic_p").get<double>() - 0.7) +
         0.0008 * Square(p.at("close_mosaic").get<double>() - 12);
  }
  if (aug == "mixup") f += 0.12 + 0.8 * Square(p.at("mixup_p").get<double>() - 0.15);
  return f + 0.01 * Square(p.at("box_w").get<double>() - 7.5);
}

Distribution Real(double low, double high) { return FloatDistribution{low, high, false, {}}; }
Distribution LogReal(double low, double high) { return FloatDistribution{low, high, true, {}}; }

SearchSpace Cube(int n, double low, double high) {
  std::vector<SpaceEntry> entries;
  for (int i = 0; i < n; ++i) entries.push_back({fmt::format("x{}", i), Real(low, high), {}});
  return SearchSpace(std::move(entries));
}

SearchSpace MixDetSpace() {
  const std::string sgd = "sgd", adamw = "adamw", lion = "lion", none = "none", flip = "flip",
                    mosaic = "mosaic", mixup = "mixup";
  return SearchSpace({
      {"opt", CategoricalDistribution{{sgd, adamw, lion}}, {}},
      {"lr_sgd", LogReal(1e-4, 1), {{"opt", {sgd}}}},
      {"momentum", Real(0.5, 0.99), {{"opt", {sgd}}}},
      {"lr_adamw", LogReal(1e-6, 0.1), {{"opt", {adamw}}}},
      {"beta2", CategoricalDistribution{{0.9, 0.95, 0.98, 0.99, 0.999}}, {{"opt", {adamw}}}},
      {"lr_lion", LogReal(1e-7, 1e-2), {{"opt", {lion}}}},
      {"batch", IntDistribution{8, 64, false, 8}, {}},
      {"wd", LogReal(1e-6, 0.1), {}},
      {"width", IntDistribution{16, 256, true, 1}, {}},
      {"depth", IntDistribution{1, 6, false, 1}, {}},
      {"aug", CategoricalDistribution{{none, flip, mosaic, mixup}}, {}},
      {"mosaic_p", FloatDistribution{0, 1, false, 0.1}, {{"aug", {mosaic}}}},
      {"close_mosaic", IntDistribution{0, 20, false, 1}, {{"aug", {mosaic}}}},
      {"mixup_p", FloatDistribution{0, 1, false, 0.05}, {{"aug", {mixup}}}},
      {"box_w", Real(1, 15), {}},
  });
}

}  // namespace

std::vector<Problem> Problems() {
  return {
      {"branin2", SearchSpace({{"x1", Real(-5, 10), {}}, {"x2", Real(0, 15), {}}}), Branin, 0.397887},
      {"hartmann6", Cube(6, 0, 1), Hartmann, -3.32237},
      {"ackley10", Cube(10, -32.768, 32.768), Ackley, 0},
      {"rosenbrock5", Cube(5, -5, 10), Rosenbrock, 0},
      {"rastrigin5", Cube(5, -5.12, 5.12), Rastrigin, 0},
      {"mixdet", MixDetSpace(), MixDet, 0.0033422},
  };
}

Problem FindProblem(const std::string& name) {
  for (Problem& problem : Problems()) {
    if (problem.name == name) return problem;
  }
  throw std::invalid_argument("no problem " + name);
}

namespace {

TrialRecord Evaluated(const Problem& problem, TrialRecord trial) {
  const double value = problem.evaluate(ExternalValues(trial.params));
  if (std::isnan(value)) {
    trial.state = TrialState::kFail;
    trial.user_attrs["reason"] = "out_of_memory";
  } else {
    trial.state = TrialState::kComplete;
    trial.values = {value};
  }
  return trial;
}

}  // namespace

std::vector<TrialRecord> RunTrials(const Problem& problem, const Sampler& sampler, std::uint64_t seed, int n,
                                   int batch) {
  History history;
  while (static_cast<int>(history.trials.size()) < n) {
    const std::size_t first = history.trials.size();
    for (int i = 0; i < batch && static_cast<int>(history.trials.size()) < n; ++i) {
      TrialRecord trial;
      trial.number = static_cast<int>(history.trials.size());
      Suggestion suggestion = sampler.Suggest(problem.space, history, trial.number, RandomStream(seed));
      trial.params = std::move(suggestion.params);
      trial.system_attrs = std::move(suggestion.system_attrs);
      history.trials.push_back(std::move(trial));
    }
    for (std::size_t i = first; i < history.trials.size(); ++i) {
      history.trials[i] = Evaluated(problem, std::move(history.trials[i]));
    }
  }
  return std::move(history.trials);
}

std::vector<double> BestSoFar(const Problem& problem, const Sampler& sampler, std::uint64_t seed, int n) {
  const std::vector<TrialRecord> trials = RunTrials(problem, sampler, seed, n);
  std::vector<double> best;
  for (std::size_t i = 1; i <= trials.size(); ++i) best.push_back(BestOf(trials, i));
  return best;
}

double BestOf(const std::vector<TrialRecord>& trials, std::size_t n) {
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < std::min(n, trials.size()); ++i) {
    if (!trials[i].values.empty()) best = std::min(best, trials[i].values[0]);
  }
  return best;
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<std::size_t>(position);
  const auto upper = std::min(lower + 1, values.size() - 1);
  return values[lower] + (values[upper] - values[lower]) * (position - static_cast<double>(lower));
}

}  // namespace yoake::search
