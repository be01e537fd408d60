#include "search/samplers/truncated_normal.h"

#include <gmock/gmock.h>

#include <cmath>

#include "search/samplers/dense.h"

namespace yoake::search {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// Relative, but logarithms next to 0 only have to be exact as probabilities.
void ExpectClose(double actual, double expected, const std::string& what, double tolerance = 1e-13) {
  EXPECT_NEAR(actual, expected, tolerance * std::abs(expected) + 1e-16) << what;
}

// Golden numbers: mpmath 1.2.1 with 60 digits.
TEST(TruncatedNormalTest, LogCdf) {
  constexpr double cases[][2] = {
      {-1e10, -5.0e+19},
      {-100, -5005.5242086942051},
      {-40, -804.60844201375379},
      {-37.5, -707.66898931750719},
      {-20.5, -214.0667289632638},
      {-20, -203.91715537109726},
      {-19.5, -194.0169657774975},
      {-10, -53.231285150512471},
      {-5, -15.064998393988726},
      {-1, -1.8410216450092635},
      {-0.001, -0.69394538346696518},
      {0, -0.69314718055994531},
      {0.001, -0.69234961427268824},
      {0.5, -0.36894641528865639},
      {1, -0.17275377902344989},
      {5, -2.8665161296376359e-7},
      {8, -6.2209605742717861e-16},
      {10, -7.6198530241605261e-24},
      {37, -5.7255712225245768e-300},
  };
  for (const auto& [x, expected] : cases) {
    EXPECT_NEAR(LogNormalCdf(x), expected, 1e-12 * std::abs(expected)) << x;
    if (x < 5) ExpectClose(InverseLogNormalCdf(expected), x, "inverse at " + std::to_string(x));
  }
}

TEST(TruncatedNormalTest, LogMassKeepsItsDigitsInBothTailsAndInNarrowIntervals) {
  constexpr double cases[][3] = {
      {-1, 1, -0.38171514630212607},
      {-0.5, 3, -0.37090055956203252},
      {-40, -39, -765.08315656437754},
      {39, 40, -765.08315656437754},
      {100, 101, -5005.5242086942051},
      {1e-09, 2e-09, -21.642204370151084},
      {-1e-09, 3e-09, -20.255910009031193},
      {-1e-05, 0.0001, -10.033968726893197},
      {5, 5.0001, -22.629528896432977},
      {5, 5.01, -18.049021013274982},
      {-30, -29.9999, -460.12777853185113},
      {-8, 8, -1.2441921148543576e-15},
      {-40, 40, 0.0},
      {0, 0.0001, -10.129278906847522},
      {0.1, 0.10001, -12.436864498191914},
      {-3, -2.999, -12.325193603978616},
      {2, 9, -3.783184333682032},
      {-0.01, 0.02, -4.4255464290246865},
      {8, 9, -35.013618593437148},
      {-9, 12, -1.1285884059538584e-19},
      {-0.001, 5, -0.69235018711893111},
      {1000, 1000.5, -500007.82669481218},
  };
  for (const auto& [a, b, expected] : cases) {
    const std::string what = std::to_string(a) + " .. " + std::to_string(b);
    ExpectClose(LogNormalMass(a, b), expected, what);
    ExpectClose(LogNormalMass(-b, -a), expected, "mirrored " + what);
  }
  EXPECT_EQ(LogNormalMass(1, 1), -kInf);
  EXPECT_EQ(LogNormalMass(-kInf, kInf), 0);
  EXPECT_NEAR(LogNormalMass(-kInf, 0), -std::log(2), 1e-16);
}

TEST(TruncatedNormalTest, ComplementOfTheErrorFunctionOverMany) {
  std::vector<double> values;
  for (int i = 0; i <= 2600; ++i) values.push_back(i / 100.0);
  std::vector<double> actual = values;
  ErfcInPlace(actual.data(), actual.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(actual[i], std::erfc(values[i]), std::min(5e-16, 3e-13 * std::erfc(values[i]))) << values[i];
}

TEST(TruncatedNormalTest, Quantile) {
  constexpr double cases[][4] = {
      {0.5, -1, 1, 0},
      {0.25, -1, 2, -0.34964142929246547},
      {0.1, 10, 11, 10.010428094472182},
      {0.9, -11, -10, -10.010428094472182},
      {1e-06, -40, -39, -39.35242118057882},
      {0.5, -30, 30, 0},
      {1e-10, -8, 8, -6.3613399470393015},
      {0.999999, -8, 8, 4.7534243086913697},
      {0.3, 0, 0.001, 0.00029999995450000539},
      {0.7, 100, 200, 100.01203780003315},
      {0.5, -200, -100, -100.00693053875243},
      {0.05, -0.2, 6, -0.12641105469775643},
      {0.5, 36, 1000, 36.019234135733061},
  };
  for (const auto& [q, a, b, expected] : cases) {
    EXPECT_NEAR(TruncatedNormalQuantile(q, a, b), expected, 1e-11 * std::max(1.0, std::abs(expected)))
        << q << ' ' << a << ' ' << b;
  }
}

TEST(TruncatedNormalTest, QuantileStaysInsideAndRises) {
  constexpr double intervals[][2] = {{-1, 2}, {50, 60}, {-1e6, -1e5}, {1e-12, 1e-9}, {-0.3, 1e8}, {3, 3}};
  for (const auto& [a, b] : intervals) {
    double last = a;
    for (int i = 0; i <= 100; ++i) {
      const double x = TruncatedNormalQuantile(i / 100.0, a, b);
      ASSERT_GE(x, last) << a << ' ' << b << ' ' << i;
      ASSERT_LE(x, b);
      last = x;
    }
    EXPECT_EQ(last, b);
  }
}

}  // namespace
}  // namespace yoake::search
