#include "trainer/failure.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <functional>

#include "core/error.h"
#include "trainer/device.h"

namespace yoake::trainer {
namespace {

TrialFailed Caught(const std::function<void()>& run) {
  try {
    run();
  } catch (...) {
    return FailureOf(std::current_exception(), TrainConfig{});
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(FailureTest, MemoryIsRecognisedWhereverItRunsOut) {
  // 4 EB: the CPU allocator refuses at once.
  const TrialFailed torch = Caught([] { at::empty({std::int64_t{1} << 60}, at::kFloat); });
  EXPECT_EQ(torch.reason, FailureReason::kOutOfMemory) << torch.message;
  EXPECT_THAT(torch.message, testing::HasSubstr("lower batch or input_size"));
  EXPECT_EQ(Caught([] { throw std::bad_alloc(); }).reason, FailureReason::kOutOfMemory);
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
