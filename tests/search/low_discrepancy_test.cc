#include "search/samplers/low_discrepancy.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <set>

#include "core/json_reader.h"
#include "search/sampler.h"

namespace yoake::search {
namespace {

// Point i of the published order is point i ^ (i >> 1) of ours.
double Published(std::uint32_t i, std::size_t dimension) {
  return SobolSequence::Unscrambled(i ^ (i >> 1), dimension) * 0x1p-32;
}

TEST(SobolTest, IsJoeAndKuosSequence) {
  // scipy 1.10, qmc.Sobol(64, scramble=False, bits=32).random(64).
  constexpr std::size_t dimensions[] = {0, 1, 2, 7, 20, 40, 63};
  const std::map<std::uint32_t, std::vector<double>> points = {
      {1, {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}},
      {2, {0.75, 0.25, 0.25, 0.75, 0.25, 0.25, 0.75}},
      {37, {0.921875, 0.640625, 0.578125, 0.796875, 0.953125, 0.078125, 0.828125}},
      {63, {0.015625, 0.796875, 0.359375, 0.140625, 0.234375, 0.671875, 0.734375}},
  };
  for (const auto& [i, point] : points) {
    for (std::size_t k = 0; k < point.size(); ++k) EXPECT_EQ(Published(i, dimensions[k]), point[k]) << i;
  }
}

TEST(SobolTest, EveryAlignedBlockIsEvenInEveryDimensionAfterScrambling) {
  const SobolSequence sobol(100, RandomStream(3));  // Past the table as well.
  for (const std::uint32_t n : {2u, 16u, 256u}) {
    for (const std::uint32_t block : {0u, 5u}) {
      for (std::size_t d = 0; d < sobol.dimensions(); ++d) {
        std::set<int> cells;
        for (std::uint32_t i = 0; i < n; ++i) cells.insert(static_cast<int>(sobol.At(block * n + i, d) * n));
        ASSERT_EQ(cells.size(), n) << "dimension " << d;
      }
    }
  }
}

TEST(SobolTest, FirstTwoDimensionsAreANetAfterScrambling) {
  const SobolSequence sobol(2, RandomStream(8));
  for (int rows = 1; rows <= 64; rows *= 2) {  // Every rectangle of area 1/64 holds one of 64 points.
    std::set<std::pair<int, int>> cells;
    for (std::uint32_t i = 0; i < 64; ++i) {
      cells.emplace(static_cast<int>(sobol.At(i, 0) * rows), static_cast<int>(sobol.At(i, 1) * 64 / rows));
    }
    EXPECT_EQ(cells.size(), 64u) << rows;
  }
}

TEST(HaltonTest, EveryAlignedBlockIsEvenInItsBase) {
  const HaltonSequence halton(30, RandomStream(3));
  const std::uint32_t primes[] = {2, 3, 5, 7, 11, 13};
  for (std::size_t d = 0; d < 6; ++d) {
    const std::uint32_t n = primes[d] * primes[d];
    std::set<int> cells;
    for (std::uint32_t i = 0; i < n; ++i) cells.insert(static_cast<int>(halton.At(4 * n + i, d) * n));
    EXPECT_EQ(cells.size(), n) << d;
  }
  for (std::uint32_t i = 0; i < 500; ++i) {
    for (const double x : halton.Point(i)) {
      EXPECT_GE(x, 0);
      EXPECT_LT(x, 1);
    }
  }
}

template <typename Sequence>
void ExpectAFunctionOfSeedAndIndex() {
  const Sequence sequence(5, RandomStream(1));
  EXPECT_EQ(sequence.Point(77), Sequence(5, RandomStream(1)).Point(77));
  EXPECT_NE(sequence.Point(77), Sequence(5, RandomStream(2)).Point(77));
  // A scramble is uniform: the first point's mean over seeds is the centre.
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) sum += Sequence(3, RandomStream(seed)).At(0, 2);
  EXPECT_NEAR(sum / 2000, 0.5, 0.025);
}

TEST(SobolTest, IsAFunctionOfSeedAndIndex) { ExpectAFunctionOfSeedAndIndex<SobolSequence>(); }
TEST(HaltonTest, IsAFunctionOfSeedAndIndex) { ExpectAFunctionOfSeedAndIndex<HaltonSequence>(); }

// Centred L2 discrepancy (Hickernell, 1998).
double Discrepancy(const std::vector<std::vector<double>>& points) {
  const auto n = static_cast<double>(points.size());
  double single = 0, pairs = 0;
  for (const auto& a : points) {
    double product = 1;
    for (const double x : a) {
      const double z = std::abs(x - 0.5);
      product *= 1 + z / 2 - z * z / 2;
    }
    single += product;
    for (const auto& b : points) {
      double both = 1;
      for (std::size_t d = 0; d < a.size(); ++d) {
        both *= 1 + (std::abs(a[d] - 0.5) + std::abs(b[d] - 0.5) - std::abs(a[d] - b[d])) / 2;
      }
      pairs += both;
    }
  }
  const double volume = std::pow(13.0 / 12, static_cast<double>(points.front().size()));
  return std::sqrt(volume - 2 / n * single + pairs / (n * n));
}

TEST(QmcSamplerTest, FillsTheSpaceMoreEvenlyThanRandom) {
  std::vector<SpaceEntry> entries;
  for (int i = 0; i < 5; ++i) entries.push_back({"x" + std::to_string(i), FloatDistribution{}, {}});
  const SearchSpace space(std::move(entries));
  const auto discrepancy = [&](const nlohmann::json& options, int n) {
    const auto sampler = MakeSampler(JsonReader(options, "test"));
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      std::vector<std::vector<double>> points;
      for (int number = 0; number < n; ++number) {
        auto& point = points.emplace_back();
        for (const auto& [name, param] : sampler->Suggest(space, {}, number, RandomStream(seed)).params) {
          point.push_back(param.internal);
        }
      }
      sum += Discrepancy(points);
    }
    return sum / 10;
  };
  // The lead grows with the number of points: random falls as n^-1/2, the sequences nearly as n^-1.
  for (const auto& [n, share] : {std::pair{32, 0.6}, std::pair{256, 0.35}}) {
    const double random = discrepancy("random", n);
    EXPECT_LT(discrepancy({{"type", "qmc"}, {"sequence", "sobol"}}, n), share * random) << n;
    EXPECT_LT(discrepancy({{"type", "qmc"}, {"sequence", "halton"}}, n), share * random) << n;
  }
}

TEST(QmcSamplerTest, AConditionDoesNotShiftTheOtherParameters) {
  const std::string a = "a", b = "b";
  const SpaceEntry kind{"kind", CategoricalDistribution{{a, b}}, {}};
  const SpaceEntry of_a{"of_a", FloatDistribution{}, {{"kind", {a}}}};
  const SpaceEntry x{"x", FloatDistribution{}, {}};
  const nlohmann::json name = "qmc";
  const auto sampler = MakeSampler(JsonReader(name, "test"));
  const SearchSpace space({kind, of_a, x});
  std::set<int> cells;
  for (int number = 0; number < 16; ++number) {
    const ParamSet params = sampler->Suggest(space, {}, number, RandomStream(1)).params;
    cells.insert(static_cast<int>(params.at("x").internal * 16));
  }
  EXPECT_EQ(cells.size(), 16u);
}

}  // namespace
}  // namespace yoake::search
