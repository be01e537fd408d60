#include "search/samplers/hypervolume_improvement.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/rng.h"
#include "search/samplers/log_improvement.h"

namespace yoake::search {
namespace {

std::vector<Objectives> RandomFront(std::size_t objectives, std::size_t n, RandomStream* stream) {
  std::vector<Objectives> points(n, Objectives(objectives));
  for (Objectives& point : points) {
    double length = 0;
    for (double& v : point) {
      v = std::abs(stream->Normal());
      length += v * v;
    }
    for (double& v : point) v = 1 - v / std::sqrt(length);  // On a sphere: none dominates another.
  }
  return points;
}

TEST(HypervolumeImprovementTest, OfOneObjectiveIsExpectedImprovement) {
  const HypervolumeImprovement volume({{0.3}, {0.7}}, {2});
  std::vector<Normal> slopes;
  EXPECT_NEAR(volume({{0.5, 0.4}}, &slopes), std::log(0.4) + LogImprovement(-0.5).value, 1e-12);
  EXPECT_NEAR(slopes[0].mean, -LogImprovement(-0.5).slope / 0.4, 1e-12);
}

// Far from chance: the exact mean of what Hypervolume() measures, over many draws.
TEST(HypervolumeImprovementTest, IsTheMeanOfWhatDrawsAdd) {
  RandomStream stream(3);
  for (const std::size_t objectives : {2u, 3u}) {
    std::vector<Objectives> front = RandomFront(objectives, 7, &stream);
    front.push_back(front.front());                 // Twice.
    front.push_back(Objectives(objectives, 0.99));  // Dominated, or nearly beyond.
    front.push_back(Objectives(objectives, 3));     // Beyond the reference.
    const Objectives reference(objectives, 1.2);
    const HypervolumeImprovement volume(front, reference);
    const double before = Hypervolume(std::vector<Objectives>(front.begin(), front.end() - 1), reference);
    const std::vector<Normal> normals = {{0.3, 0.3}, {0.4, 0.2}, {0.2, 0.5}};
    const std::vector<Normal> f(normals.begin(), normals.begin() + static_cast<std::ptrdiff_t>(objectives));
    constexpr int kDraws = 20000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      std::vector<Objectives> with(front.begin(), front.end() - 1);
      with.emplace_back();
      bool inside = true;
      for (const Normal& normal : f) {
        with.back().push_back(normal.mean + normal.sigma * stream.Normal());
        inside = inside && with.back().back() < reference[0];
      }
      const double added = inside ? Hypervolume(with, reference) - before : 0;
      sum += added;
      squares += added * added;
    }
    std::vector<Normal> slopes;
    const double mean = sum / kDraws, error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
    EXPECT_NEAR(std::exp(volume(f, &slopes)), mean, 4 * error) << objectives;
  }
}

TEST(HypervolumeImprovementTest, SlopesAreFiniteDifferences) {
  RandomStream stream(4);
  for (const std::size_t objectives : {2u, 3u}) {
    const HypervolumeImprovement volume(RandomFront(objectives, 9, &stream), Objectives(objectives, 1.1));
    for (const double mean : {0.2, 0.9, 4.0, 60.0}) {  // The last is where doubles end.
      std::vector<Normal> f(objectives, {mean, 0.3}), slopes, unused;
      const double value = volume(f, &slopes);
      EXPECT_TRUE(std::isfinite(value));
      for (std::size_t k = 0; k < objectives; ++k) {
        constexpr double h = 1e-6;
        std::vector<Normal> up = f, down = f;
        up[k].mean += h;
        down[k].mean -= h;
        EXPECT_NEAR(slopes[k].mean, (volume(up, &unused) - volume(down, &unused)) / (2 * h),
                    1e-4 * std::abs(slopes[k].mean));
        up = down = f;
        up[k].sigma += h;
        down[k].sigma -= h;
        EXPECT_NEAR(slopes[k].sigma, (volume(up, &unused) - volume(down, &unused)) / (2 * h),
                    1e-4 * std::abs(slopes[k].sigma));
      }
    }
  }
}

}  // namespace
}  // namespace yoake::search
