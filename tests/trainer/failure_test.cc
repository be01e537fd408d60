#include "trainer/run/failure.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cerrno>
#include <functional>
#include <new>
#include <opencv2/core/mat.hpp>
#include <stdexcept>
#include <system_error>

#include "core/error.h"
#include "trainer/device.h"

namespace yoake::trainer {
namespace {

std::variant<TrialFailed, OutOfMemory> Thrown(const std::function<void()>& run) {
  try {
    run();
  } catch (...) {
    return FailureOf(std::current_exception());
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TrialFailed Caught(const std::function<void()>& run) {
  const auto thrown = Thrown(run);
  EXPECT_TRUE(std::holds_alternative<TrialFailed>(thrown)) << "read as out of memory";
  return std::holds_alternative<TrialFailed>(thrown) ? std::get<TrialFailed>(thrown) : TrialFailed{};
}

TEST(FailureTest, MemoryIsRecognisedWhereverItRunsOut) {
  const auto ran_out = [](const std::function<void()>& run) {
    const auto thrown = Thrown(run);
    const auto* memory = std::get_if<OutOfMemory>(&thrown);
    return memory == nullptr ? std::nullopt : std::optional(memory->kind);
  };
  EXPECT_EQ(ran_out([] { at::empty({std::int64_t{1} << 60}, at::kFloat); }), MemoryKind::kHost) << "4 EB";
  EXPECT_EQ(ran_out([] { throw std::bad_alloc(); }), MemoryKind::kHost);
  EXPECT_EQ(ran_out([] { cv::Mat(1 << 30, 1 << 30, CV_8UC3); }), MemoryKind::kHost);
  EXPECT_EQ(ran_out([] { throw std::system_error(EAGAIN, std::generic_category(), "no thread"); }),
            MemoryKind::kHost);
  EXPECT_EQ(ran_out([] { throw std::runtime_error("CUDA out of memory. Tried to allocate 20.00 MiB"); }),
            MemoryKind::kDevice);
  EXPECT_EQ(ran_out([] { throw std::system_error(ENOENT, std::generic_category(), "no file"); }),
            std::nullopt);
  EXPECT_EQ(ran_out([] { throw std::runtime_error("could not create a primitive"); }), std::nullopt)
      << "what oneDNN says of anything, far from any limit";
}

TEST(FailureTest, TheRestByItsKind) {
  EXPECT_EQ(Caught([] { throw Error(ErrorKind::kData, "x"); }).reason, FailureReason::kData);
  EXPECT_EQ(Caught([] { throw Error(ErrorKind::kIo, "disk full"); }).reason, FailureReason::kInternal);
  EXPECT_EQ(Caught([] { throw RunEnded{{FailureReason::kDiverged, "nan"}}; }).message, "nan");
  EXPECT_EQ(Caught([] { at::zeros({2}) + at::zeros({3}); }).reason, FailureReason::kInternal);
  EXPECT_THROW(Caught([] { throw Error(ErrorKind::kConfig, "x"); }), Error);
}

TEST(DeviceTest, WithoutAGpuTheCpuAndAWarning) {
  std::vector<std::string> warnings;
  EXPECT_EQ(ResolveDevice("cpu:1", &warnings), c10::Device(c10::kCPU));
  EXPECT_TRUE(warnings.empty());
  if (GpuDescription() != "none") GTEST_SKIP() << "this machine has a GPU";
  EXPECT_EQ(ResolveDevice("cuda:0", &warnings), c10::Device(c10::kCPU));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], testing::HasSubstr("cuda:0 is not there"));
  EXPECT_THROW(ResolveDevice("tpu", &warnings), Error);
}

}  // namespace
}  // namespace yoake::trainer
