#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/nn/module.h>

#include <cmath>

#include "core/error.h"
#include "trainer/optim/ema.h"
#include "trainer/optim/schedule.h"
#include "trainer/optim/sgd.h"

namespace yoake::trainer {
namespace {

// A convolution's and a BatchNorm's parameters by Megvii's names.
class TinyModule : public torch::nn::Module {
 public:
  explicit TinyModule(float value) {
    weight = register_parameter("conv_weight", at::full({2, 1, 1, 1}, value));
    scale = register_parameter("bn_weight", at::full({2}, value));
    mean = register_buffer("running_mean", at::full({2}, value));
    count = register_buffer("num_batches_tracked", at::full({}, static_cast<int>(value), at::kLong));
  }
  at::Tensor weight, scale, mean, count;
};

TEST(ScheduleTest, WarmsUpFallsAlongACosineAndHolds) {
  TrainConfig config;
  config.epochs = 20;
  config.optimizer.lr = 0.1;
  config.schedule.warmup_epochs = 2;
  config.augment.no_aug_epochs = 5;
  const Schedule schedule(config, 10);
  EXPECT_EQ(schedule.total_steps(), 200);
  EXPECT_GT(schedule.LearningRate(0), 0);  // Megvii's first step runs at 0.
  EXPECT_NEAR(schedule.LearningRate(9), 0.1 * 0.25, 1e-15);
  EXPECT_DOUBLE_EQ(schedule.LearningRate(19), 0.1);
  EXPECT_NEAR(schedule.LearningRate(84), 0.005 + 0.5 * 0.095, 1e-12);  // Half of the way.
  for (std::int64_t step = 149; step < 200; ++step) EXPECT_NEAR(schedule.LearningRate(step), 0.005, 1e-15);
  for (std::int64_t step = 20; step < 150; ++step) {
    EXPECT_LE(schedule.LearningRate(step), schedule.LearningRate(step - 1));
  }
}

TEST(ScheduleTest, OneEpochOfOneStepIsStillPositive) {
  TrainConfig config;
  config.epochs = 1;
  const Schedule schedule(config, 1);
  EXPECT_GT(schedule.LearningRate(0), 0);
  config.schedule.type = "constant";
  EXPECT_EQ(Schedule(config, 4).LearningRate(3), config.optimizer.lr);
}

TEST(SgdTest, GroupsAreMegviis) {
  const at::Tensor matrix = at::ones({2, 1, 1, 1});
  const at::Tensor vector = at::ones({2});
  EXPECT_EQ(Sgd::GroupOf("head.stems.0.conv.weight", matrix), Sgd::Group::kWeight);
  EXPECT_EQ(Sgd::GroupOf("head.stems.0.bn.weight", vector), Sgd::Group::kNorm);
  EXPECT_EQ(Sgd::GroupOf("head.stems.0.bn.bias", vector), Sgd::Group::kBias);
  EXPECT_EQ(Sgd::GroupOf("head.cls_preds.0.bias", vector), Sgd::Group::kBias);
}

// v1 = g, w -= lr (g + m v1); v2 = m v1 + g, ...: worked out by hand in double.
TEST(SgdTest, NesterovByHand) {
  TinyModule module(1.0F);
  Sgd sgd(module, {.momentum = 0.9, .weight_decay = 0.1});
  double w = 1;
  double scale = 1;
  double v = 0;
  double v_scale = 0;
  for (int step = 0; step < 3; ++step) {
    sgd.ZeroGrad();
    module.weight.mutable_grad() = at::full_like(module.weight, 2.0);
    module.scale.mutable_grad() = at::full_like(module.scale, 2.0);
    sgd.Step(0.01);
    const double g = 2.0 + 0.1 * w;
    v = 0.9 * v + g;
    w -= 0.01 * (g + 0.9 * v);
    v_scale = 0.9 * v_scale + 2.0;  // No decay on BatchNorm.
    scale -= 0.01 * (2.0 + 0.9 * v_scale);
    EXPECT_NEAR(module.weight[0].item<double>(), w, 1e-6);
    EXPECT_NEAR(module.scale[1].item<double>(), scale, 1e-6);
  }
}

TEST(SgdTest, StateGoesOnWhereItWasAndRefusesAnother) {
  TinyModule a(1.0F);
  TinyModule b(1.0F);
  Sgd first(a, {});
  a.weight.mutable_grad() = at::full_like(a.weight, 2.0);
  first.Step(0.1);
  {
    const at::NoGradGuard no_grad;
    b.weight.copy_(a.weight);
    b.scale.copy_(a.scale);
  }
  Sgd second(b, {});
  second.LoadState(first.State());
  b.weight.mutable_grad() = at::full_like(b.weight, 2.0);
  first.Step(0.1);
  second.Step(0.1);
  EXPECT_TRUE(at::equal(a.weight, b.weight));
  EXPECT_THROW(second.LoadState({}), Error);
}

TEST(EmaTest, AveragesFloatsAndCopiesCounters) {
  TinyModule model(1.0F);
  TinyModule average(0.0F);
  Ema ema(model, average, {.enabled = true, .decay = 0.5, .ramp_steps = 1e-9}, 100);
  EXPECT_EQ(average.weight[0].item<float>(), 1.0F);  // Starts as a copy.
  {
    const at::NoGradGuard no_grad;
    model.weight.fill_(3.0);
    model.mean.fill_(5.0);
    model.count.fill_(7);
  }
  ema.Update(1);
  EXPECT_FLOAT_EQ(average.weight[0].item<float>(), 2.0F);
  EXPECT_FLOAT_EQ(average.mean[0].item<float>(), 3.0F);
  EXPECT_EQ(average.count.item<std::int64_t>(), 7);
}

TEST(EmaTest, TheRampFollowsTheLengthOfTheRun) {
  TinyModule model(1.0F);
  TinyModule average(0.0F);
  const EmaConfig config;
  const Ema short_run(model, average, config, 1000);
  EXPECT_NEAR(short_run.Decay(1000), 0.9998 * (1 - std::exp(-5.0)), 1e-12);
  EXPECT_LT(short_run.Decay(1), 0.01);
  const Ema long_run(model, average, config, 1000000);
  EXPECT_NEAR(long_run.Decay(2000), 0.9998 * (1 - std::exp(-1.0)), 1e-12);
  const Ema off(model, average, {.enabled = false}, 1000);
  EXPECT_EQ(off.Decay(1000), 0);
}

}  // namespace
}  // namespace yoake::trainer
