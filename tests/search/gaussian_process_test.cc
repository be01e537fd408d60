#include "search/samplers/gaussian_process.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "core/rng.h"
#include "search/samplers/acquisition.h"
#include "search/samplers/lbfgs.h"
#include "search/samplers/log_improvement.h"

namespace yoake::search {
namespace {

using Vector = std::vector<double>;

TEST(DenseTest, ExponentialsToTwoUnitsInTheLastPlace) {
  Vector x, expected;
  RandomStream stream(1);
  for (int i = 0; i < 3000; ++i) x.push_back(-std::pow(10, stream.Uniform(-18, 2.84)));
  x.insert(x.end(), {0.0, -0.5 * std::log(2), -1e-300});
  for (const double v : x) expected.push_back(std::exp(v));
  const Vector arguments = x;
  ExpInPlace(x.data(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(x[i], expected[i], 4.5e-16 * expected[i]) << arguments[i];
  double far = -1e9;
  ExpInPlace(&far, 1);
  EXPECT_NEAR(far, 0, 1e-300);
}

TEST(DenseTest, FactorsAndInversesMultiplyBack) {
  for (const std::size_t n : {1u, 2u, 5u, 8u, 33u}) {
    RandomStream stream(n);
    Matrix a(n, n), k(n, n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) a[i][j] = stream.Normal();
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) k[i][j] = Dot(a[i], a[j], n) + (i == j ? 1 : 0);
    }
    Matrix u = k;
    ASSERT_TRUE(CholeskyInPlace(&u));
    Matrix w(n, n), inverse(n, n);
    InvertTransposed(u, &w);
    GramOfLower(w, &inverse);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double identity = 0;
        for (std::size_t m = 0; m < n; ++m) identity += inverse[std::max(i, m)][std::min(i, m)] * k[m][j];
        EXPECT_NEAR(identity, i == j ? 1 : 0, 1e-9);
      }
    }
  }
  Matrix indefinite(2, 2);
  indefinite[0][0] = indefinite[1][1] = 1;
  indefinite[0][1] = 2;
  EXPECT_FALSE(CholeskyInPlace(&indefinite));
}

TEST(LbfgsTest, FindsMinimaInsideAndOnTheBox) {
  const Differentiable valley = [](const Vector& x, Vector* g) {
    const double a = x[1] - x[0] * x[0], b = 1 - x[0];
    *g = {-400 * x[0] * a - 2 * b, 200 * a};
    return 100 * a * a + b * b;
  };
  const LbfgsOptions options{.max_evaluations = 200, .gradient_tolerance = 1e-8, .value_tolerance = 0};
  const Minimum inside = MinimizeInBox(valley, {-1.2, 1}, {-5, -5}, {5, 5}, options);
  EXPECT_NEAR(inside.x[0], 1, 1e-6);
  EXPECT_NEAR(inside.x[1], 1, 1e-6);
  EXPECT_LT(inside.evaluations, 100);
  // With x0 <= 0.5 the minimum lies at the bound: x1 = x0^2.
  const Minimum bound = MinimizeInBox(valley, {-1.2, 1}, {-5, -5}, {0.5, 5}, options);
  EXPECT_EQ(bound.x[0], 0.5);
  EXPECT_NEAR(bound.x[1], 0.25, 1e-6);
  // A wall of infinities is stepped back from.
  const Differentiable walled = [](const Vector& x, Vector* g) {
    *g = {-1 + 1 / (1 - x[0]) / (1 - x[0])};
    return x[0] >= 1 ? std::numeric_limits<double>::quiet_NaN() : -x[0] + 1 / (1 - x[0]);
  };
  EXPECT_NEAR(MinimizeInBox(walled, {-3}, {-9}, {9}, options).x[0], 0, 1e-6);
}

TEST(LogImprovementTest, EqualsHighPrecisionValues) {
  // mpmath, 40 digits: z, ln(phi + z Phi), Phi / (phi + z Phi).
  const double table[][3] = {
      {2, 0.697383545788228312, 0.486559318785283869},   {0, -0.918938533204672742, 1.25331413731550025},
      {-1, -2.48512102571264134, 1.90427123332969182},   {-3.9, -11.4103932700724353, 4.34093116124400716},
      {-4.1, -12.2968995464130448, 4.52432218548334834}, {-10, -55.5531220361223559, 10.1943830334125533},
      {-30, -457.724653760598004, 30.0664461541624189},  {-1000, -500014.734452091158, 1000.00199999400004}};
  for (const auto& [z, value, slope] : table) {
    const ValueAndSlope ours = LogImprovement(z);
    EXPECT_NEAR(ours.value, value, 2e-14 * (1 + std::abs(value))) << z;
    EXPECT_NEAR(ours.slope, slope, 2e-14 * slope) << z;
  }
}

double Matern(double r) {
  const double s = std::sqrt(5.0) * r;
  return (1 + s + s * s / 3) * std::exp(-s);
}

TEST(GaussianProcessTest, TwoTrialsByHand) {
  const GpParameters p{{4, 0.5}, 2, 0.1};
  const GpData data{{false, true}, {{0.2, 0}, {0.7, 1}}, {1, -0.5}};
  const auto k = [&](double dx, bool same) { return 2 * Matern(std::sqrt(4 * dx * dx + (same ? 0 : 0.5))); };
  const double a = 2.1, b = k(0.5, false), det = a * a - b * b;
  const double k0 = k(0.1, true), k1 = k(0.4, false);  // Of (0.3, 0).
  const double mean = (k0 * (a * 1 - b * -0.5) + k1 * (-b * 1 + a * -0.5)) / det;
  const double variance = 2 - (a * k0 * k0 - 2 * b * k0 * k1 + a * k1 * k1) / det;
  const GaussianProcess process(data, p);
  const auto prediction = process.Predict({{0.3, 0}})[0];
  EXPECT_NEAR(prediction.mean, mean, 1e-14);
  EXPECT_NEAR(prediction.variance, variance, 1e-14);

  // ln N(y | 0, K) and the log-priors.
  const double quadratic = (a * 1 - 2 * b * 1 * -0.5 + a * 0.25) / det;
  double expected = -0.5 * quadratic - 0.5 * std::log(det) - std::log(2 * M_PI);
  for (const double length : {0.5, std::sqrt(2.0)}) {  // Log-normal without its constant.
    expected -= std::pow(std::log(length) - std::sqrt(2.0) - 0.5 * std::log(2), 2) / 6 + std::log(length);
  }
  expected += std::log(2) - 2 + 0.1 * std::log(0.1) - 30 * 0.1;
  Vector gradient;
  EXPECT_NEAR(GpLikelihood(data)(p, &gradient), expected, 1e-13);
}

GpData RandomData(std::size_t n, std::uint64_t seed) {
  RandomStream stream(seed);
  GpData data{{false, true, false}, {}, {}};
  for (std::size_t i = 0; i < n; ++i) {
    data.x.push_back({stream.Uniform(), static_cast<double>(stream.Below(3)), stream.Uniform()});
    data.y.push_back(std::sin(5 * data.x[i][0]) + data.x[i][1] + 0.1 * stream.Normal());
  }
  return data;
}

// Every component of `gradient` against central differences of `f` at `x`.
void ExpectGradient(const std::function<double(const Vector&)>& f, const Vector& x, const Vector& gradient) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double h = 1e-5;
    Vector up = x, down = x;
    up[i] += h;
    down[i] -= h;
    const double slope = (f(up) - f(down)) / (2 * h);
    EXPECT_NEAR(gradient[i], slope, 1e-6 * (1 + std::abs(slope))) << i;
  }
}

TEST(GaussianProcessTest, TheLikelihoodsGradientIsItsSlope) {
  const GpData data = RandomData(23, 4);
  GpLikelihood likelihood(data);
  const auto at = [&](const Vector& theta, Vector* gradient) {
    return likelihood({{std::exp(theta[0]), std::exp(theta[1]), std::exp(theta[2])},
                       std::exp(theta[3]),
                       std::exp(theta[4])},
                      gradient);
  };
  for (const Vector& theta : {Vector{1, -1, 0.5, 0.3, -3}, Vector{3, 0, -4, -1, -6}}) {
    Vector gradient, unused;
    at(theta, &gradient);
    ExpectGradient([&](const Vector& x) { return at(x, &unused); }, theta, gradient);
  }
}

TEST(GaussianProcessTest, PredictionsOfOneAndOfManyAgreeAndHaveTheRightSlopes) {
  const GpData data = RandomData(40, 5);
  const GaussianProcess process(data, {{6, 1, 2}, 1.5, 1e-3});
  RandomStream stream(6);
  std::vector<Vector> points;
  for (int i = 0; i < 100; ++i)
    points.push_back({stream.Uniform(), static_cast<double>(stream.Below(3)), stream.Uniform()});
  const auto many = process.Predict(points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    GaussianProcess::Slopes slopes, unused;
    const auto one = process.Predict(points[i], &slopes);
    EXPECT_NEAR(one.mean, many[i].mean, 1e-10);
    EXPECT_NEAR(one.variance, many[i].variance, 1e-10);
    const auto along = [&](double x0, double x2) { return process.Predict({x0, points[i][1], x2}, &unused); };
    ExpectGradient([&](const Vector& x) { return along(x[0], x[1]).mean; }, {points[i][0], points[i][2]},
                   {slopes.mean[0], slopes.mean[2]});
    ExpectGradient([&](const Vector& x) { return along(x[0], x[1]).variance; }, {points[i][0], points[i][2]},
                   {slopes.variance[0], slopes.variance[2]});
  }
}

TEST(GaussianProcessTest, RepeatedPointsAreNoisyNotFatal) {
  const GpData data{{false}, {{0.5}, {0.5}, {0.5}, {0.1}}, {1, 1.2, 0.8, 0}};
  const GaussianProcess process(data, {{1}, 1, 1e-6});
  EXPECT_NEAR(process.Predict({{0.5}})[0].mean, 1, 1e-3);
}

TEST(GaussianProcessTest, TheFitTellsWhatMatters) {
  RandomStream stream(8);
  GpData data{{false, false, true}, {}, {}};
  for (int i = 0; i < 60; ++i) {
    data.x.push_back({stream.Uniform(), stream.Uniform(), static_cast<double>(stream.Below(2))});
    data.y.push_back(std::sin(8 * data.x.back()[0]));
  }
  const GpParameters p = FitGp(data, DefaultGpParameters(3), {});
  EXPECT_GT(p.weight[0], 10 * p.weight[1]);
  EXPECT_GT(p.weight[0], 10 * p.weight[2]);
  EXPECT_LT(p.noise, 1e-3);
  for (double& y : data.y) y = stream.Normal();
  EXPECT_GT(FitGp(data, DefaultGpParameters(3), {}).noise, 0.1);
}

TEST(AcquisitionTest, ItsGradientIsItsSlope) {
  const GpData data = RandomData(30, 7);
  const GaussianProcess objective(data, {{6, 1, 2}, 1.5, 1e-3});
  GpData memory = data;
  for (std::size_t i = 0; i < memory.x.size(); ++i) memory.y[i] = memory.x[i][0] > 0.6 ? 1 : -1;
  Acquisition acquisition;
  acquisition.objectives.push_back(objective);
  acquisition.best = -0.7;
  acquisition.constraints.push_back({GaussianProcess(memory, {{3, 1, 1}, 1, 1e-2}), 0});
  RandomStream stream(2);
  for (int i = 0; i < 20; ++i) {
    const Vector at = {stream.Uniform(), static_cast<double>(stream.Below(3)), stream.Uniform()};
    Vector gradient, unused;
    EXPECT_NEAR(acquisition(at, &gradient), acquisition({at})[0], 1e-8);
    ExpectGradient(
        [&](const Vector& x) {
          return acquisition({x[0], at[1], x[1]}, &unused);
        },
        {at[0], at[2]}, {gradient[0], gradient[2]});
  }
  // Of several objectives by volume.
  GpData other = data;
  for (std::size_t i = 0; i < other.x.size(); ++i) other.y[i] = std::cos(5 * other.x[i][2]) + other.x[i][0];
  acquisition.objectives.emplace_back(other, GpParameters{{2, 1, 4}, 1, 1e-3});
  acquisition.volume.emplace(std::vector<Objectives>{{-1, 0.5}, {-0.5, 0}}, Objectives{1, 1});
  for (int i = 0; i < 20; ++i) {
    const Vector at = {stream.Uniform(), static_cast<double>(stream.Below(3)), stream.Uniform()};
    Vector gradient, unused;
    EXPECT_NEAR(acquisition(at, &gradient), acquisition({at})[0], 1e-8);
    ExpectGradient(
        [&](const Vector& x) {
          return acquisition({x[0], at[1], x[1]}, &unused);
        },
        {at[0], at[2]}, {gradient[0], gradient[2]});
  }
}

}  // namespace
}  // namespace yoake::search
