#include "core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace yoake {
namespace {

TEST(ParallelForTest, RunsEveryIndexOnce) {
  for (const int threads : {-1, 0, 1, 2, 3, 8, 64}) {
    for (const std::size_t count : {0u, 1u, 2u, 7u, 1000u}) {
      std::vector<int> runs(count);
      ParallelFor(count, threads, [&](std::size_t i) { ++runs[i]; });
      EXPECT_EQ(runs, std::vector<int>(count, 1)) << threads << " threads";
    }
  }
}

TEST(ParallelForTest, OneThreadIsAPlainLoop) {
  std::vector<std::size_t> order;
  const auto caller = std::this_thread::get_id();
  ParallelFor(5, 1, [&](std::size_t i) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
  });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(ParallelForTest, TasksRunAtTheSameTimeAndTheCallerTakesPart) {
  std::latch all_there(3);  // Opens only when three tasks run at once.
  std::atomic<int> by_caller = 0;
  const auto caller = std::this_thread::get_id();
  ParallelFor(3, 3, [&](std::size_t) {
    by_caller += std::this_thread::get_id() == caller ? 1 : 0;
    all_there.arrive_and_wait();
  });
  EXPECT_EQ(by_caller, 1);
}

TEST(ParallelForTest, RethrowsWhatAPlainLoopWouldHaveMetFirst) {
  for (const int threads : {1, 2, 4}) {
    for (int repetition = 0; repetition < 100; ++repetition) {
      std::atomic<int> runs = 0;
      try {
        ParallelFor(200, threads, [&](std::size_t i) {
          ++runs;
          if (i == 17) std::this_thread::yield();  // Lets a later one fail earlier.
          if (i >= 17) throw std::runtime_error(std::to_string(i));
        });
        FAIL() << "no exception";
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "17");
      }
      EXPECT_LE(runs, 17 + threads) << "nothing is handed out after a failure";
    }
  }
}

TEST(ParallelForTest, MayBeNested) {
  std::vector<std::vector<int>> sums(4, std::vector<int>(5));
  ParallelFor(4, 2, [&](std::size_t i) {
    ParallelFor(5, 2, [&](std::size_t j) { sums[i][j] = static_cast<int>(i * 10 + j); });
  });
  EXPECT_EQ(sums[3], (std::vector<int>{30, 31, 32, 33, 34}));
}

}  // namespace
}  // namespace yoake
