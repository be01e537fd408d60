#include "search/samplers/parzen.h"

#include <gmock/gmock.h>

#include <cmath>

namespace yoake::search {
namespace {

Distribution Real(double low, double high) { return FloatDistribution{low, high, false, {}}; }

ColumnViews Views(const Columns& columns) { return {columns.begin(), columns.end()}; }

void ExpectDensity(const std::vector<Distribution>& space, const Columns& observations, const Columns& points,
                   const std::vector<double>& expected, const ParzenOptions& options = {}) {
  const auto m = static_cast<int>(observations.front().size());
  const ParzenEstimator estimator(space, Views(observations), LinearForgetting(m), options);
  const std::vector<double> actual = estimator.LogDensity(points);
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-12) << i;
}

TEST(LinearForgettingTest, TheLast25CountFully) {
  EXPECT_EQ(LinearForgetting(0), std::vector<double>());
  EXPECT_EQ(LinearForgetting(25), std::vector<double>(25, 1));
  EXPECT_EQ(LinearForgetting(26).front(), 1.0 / 26);
  const std::vector<double> weights = LinearForgetting(45);
  ASSERT_EQ(weights.size(), 45);
  EXPECT_EQ(weights[0], 1.0 / 45);
  EXPECT_NEAR(weights[10], 1.0 / 45 + (1 - 1.0 / 45) * 10 / 19, 1e-15);
  EXPECT_NEAR(weights[19], 1, 1e-15);
  EXPECT_EQ(weights[44], 1);
}

// Golden numbers: a direct transcription of the rules in Python with mpmath, 60 digits.
TEST(ParzenEstimatorTest, DensityOfFloats) {
  const Columns ends = {{-5, 0, 2.5, 10}};
  ExpectDensity({Real(-5, 10)}, {{}}, ends,
                {-2.7920724006112605, -2.6809612895001494, -2.6670724006112605, -2.7920724006112605});
  ExpectDensity({Real(-5, 10)}, {{1}}, ends,
                {-2.8004038453440716, -2.63588638805474, -2.6332178269478026, -2.92852462449586});
  ExpectDensity({Real(0, 1)}, {{.2, .2, .9, .5}}, {{0, .2, .51, 1}},
                {-0.1319043603074791, 0.30915363612300986, -0.021993579519042975, -0.44699808525563715});
  ExpectDensity({Real(0, 1)}, {{.2, .3, .9, .5}}, {{0, .2, .51, 1}},
                {-0.24734017203797469, 0.23270466387683157, 0.056722726588431474, -0.38774736907423301},
                {.prior_weight = 2, .consider_magic_clip = false, .consider_endpoints = true});
  ExpectDensity({FloatDistribution{1e-5, .1, true, {}}}, {{1e-5, 1e-3, .05}}, {{1e-5, 1e-4, .1}},
                {-2.3658874591237054, -2.2215164858868011, -2.3485043996537073});
}

TEST(ParzenEstimatorTest, MassOfGridsAndChoices) {
  ExpectDensity({IntDistribution{8, 64, false, 8}}, {{8, 32, 40}}, {{8, 16, 64}},
                {-2.1495427493100091, -2.0324709208376927, -2.7833826738119248});
  ExpectDensity({IntDistribution{1, 64, true, 1}}, {{1, 3, 64}}, {{1, 2, 50}},
                {-1.3017750767651106, -2.0578702769105189, -5.7463415583836841});
  ExpectDensity({FloatDistribution{0, 1, false, .25}}, {{0, .5}}, {{0, .25, 1}},
                {-1.4812348455883926, -1.4226887000348829, -2.0327466425636999});
  ExpectDensity({CategoricalDistribution{{std::int64_t{1}, std::int64_t{2}, std::int64_t{3}}}}, {{0, 2, 2}},
                {{0, 1, 2}}, {-1.0986122886681097, -1.6582280766035324, -0.74193734472937731});
}

TEST(ParzenEstimatorTest, JointDensityOf30WeightedObservations) {
  const std::vector<Distribution> space = {
      Real(0, 1), FloatDistribution{1e-5, .1, true, {}}, IntDistribution{8, 64, false, 8},
      CategoricalDistribution{{std::string("a"), std::string("b"), std::string("c"), std::string("d")}}};
  Columns observations(4);
  for (int i = 0; i < 30; ++i) {
    observations[0].push_back((i * 7 % 30) / 30.0);
    observations[1].push_back(std::pow(10.0, -5 + 4 * (i * 11 % 30) / 30.0));
    observations[2].push_back(8 * (1 + i * 5 % 8));
    observations[3].push_back(i * i % 4);
  }
  ExpectDensity(space, observations, {{.5, .01, .99}, {1e-3, .1, 1e-5}, {8, 32, 64}, {0, 3, 1}},
                {-9.0121133390869261, -9.1636045598391106, -9.2572325378504391});
}

TEST(ParzenEstimatorTest, MassesOfAGridSumToOne) {
  const std::vector<Distribution> space = {IntDistribution{1, 40, true, 1}};
  const Columns observations = {{1, 1, 7, 40}};
  const ParzenEstimator estimator(space, Views(observations), LinearForgetting(4), {});
  Columns all(1);
  for (int x = 1; x <= 40; ++x) all[0].push_back(x);
  double sum = 0;
  for (const double log_mass : estimator.LogDensity(all)) sum += std::exp(log_mass);
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(ParzenEstimatorTest, DrawsFollowTheDensity) {
  const std::vector<Distribution> space = {
      IntDistribution{0, 5, false, 1},
      CategoricalDistribution{{std::string("a"), std::string("b"), std::string("c")}}};
  const Columns observations = {{0, 4, 4}, {1, 2, 2}};
  const ParzenEstimator estimator(space, Views(observations), LinearForgetting(3), {});
  constexpr int n = 40000;
  RandomStream stream(5);
  const Columns draws = estimator.Sample(n, &stream);
  for (int x = 0; x <= 5; ++x) {
    for (int c = 0; c < 3; ++c) {
      int count = 0;
      for (std::size_t i = 0; i < n; ++i) count += draws[0][i] == x && draws[1][i] == c ? 1 : 0;
      const double p = std::exp(estimator.LogDensity({{double(x)}, {double(c)}})[0]);
      EXPECT_NEAR(count, n * p, 4.5 * std::sqrt(n * p)) << x << ' ' << c;
    }
  }
}

}  // namespace
}  // namespace yoake::search
