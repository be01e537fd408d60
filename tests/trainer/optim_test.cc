#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>

#include <cmath>

#include "core/error.h"
#include "trainer/optim/ema.h"
#include "trainer/optim/optimizer.h"
#include "trainer/optim/schedule.h"

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
  config.schedule.lag_steps = 1;
  const Schedule late(config, 10);
  EXPECT_EQ(late.LearningRate(0), 0);
  for (std::int64_t step = 1; step < 200; ++step) {
    EXPECT_EQ(late.LearningRate(step), schedule.LearningRate(step - 1));
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

TEST(OptimizerTest, GroupsAreMegviis) {
  const at::Tensor matrix = at::ones({2, 1, 1, 1});
  const at::Tensor vector = at::ones({2});
  EXPECT_EQ(Optimizer::GroupOf("head.stems.0.conv.weight", matrix), Optimizer::Group::kWeight);
  EXPECT_EQ(Optimizer::GroupOf("head.stems.0.bn.weight", vector), Optimizer::Group::kNorm);
  EXPECT_EQ(Optimizer::GroupOf("head.stems.0.bn.bias", vector), Optimizer::Group::kBias);
  EXPECT_EQ(Optimizer::GroupOf("head.cls_preds.0.bias", vector), Optimizer::Group::kBias);
}

// v1 = g, w -= lr (g + m v1); v2 = m v1 + g, ...: worked out by hand in double.
TEST(OptimizerTest, NesterovByHand) {
  TinyModule module(1.0F);
  Optimizer sgd(module, {.momentum = 0.9, .weight_decay = 0.1});
  double w = 1;
  double scale = 1;
  double v = 0;
  double v_scale = 0;
  for (int step = 0; step < 3; ++step) {
    sgd.ZeroGrad();
    module.weight.mutable_grad() = at::full_like(module.weight, 2.0);
    module.scale.mutable_grad() = at::full_like(module.scale, 2.0);
    sgd.Step(0.01, step + 1);
    const double g = 2.0 + 0.1 * w;
    v = 0.9 * v + g;
    w -= 0.01 * (g + 0.9 * v);
    v_scale = 0.9 * v_scale + 2.0;  // No decay on BatchNorm.
    scale -= 0.01 * (2.0 + 0.9 * v_scale);
    EXPECT_NEAR(module.weight[0].item<double>(), w, 1e-6);
    EXPECT_NEAR(module.scale[1].item<double>(), scale, 1e-6);
  }
}

// LibTorch's own optimizers on the same gradients.
template <typename Theirs, typename Options>
void ExpectSameSteps(const std::string& type, Options options) {
  TinyModule mine(1.0F);
  TinyModule theirs(1.0F);
  Optimizer optimizer(mine, {.type = type, .weight_decay = 0.1});
  Theirs reference(std::vector<at::Tensor>{theirs.weight}, options);
  for (int step = 1; step <= 5; ++step) {
    const at::Tensor gradient = at::tensor({0.3F * static_cast<float>(step), -2.F}).view({2, 1, 1, 1});
    mine.weight.mutable_grad() = gradient.clone();
    theirs.weight.mutable_grad() = gradient.clone();
    optimizer.Step(0.01, step);
    reference.step();
    EXPECT_TRUE(at::allclose(mine.weight, theirs.weight, 1e-6, 1e-7)) << type << ' ' << step;
  }
}

TEST(OptimizerTest, AdamAndAdamWAreTorchs) {
  ExpectSameSteps<torch::optim::Adam>("Adam", torch::optim::AdamOptions(0.01).weight_decay(0.1));
  ExpectSameSteps<torch::optim::AdamW>("AdamW", torch::optim::AdamWOptions(0.01).weight_decay(0.1));
}

// c = sign(b1 m + (1 - b1) g); w -= lr (c + decay w); m = b2 m + (1 - b2) g.
TEST(OptimizerTest, LionByHand) {
  TinyModule module(1.0F);
  Optimizer lion(module, {.type = "Lion", .beta2 = 0.99, .weight_decay = 0.5});
  double w = 1;
  double m = 0;
  for (int step = 1; step <= 3; ++step) {
    const double g = step == 2 ? -0.5 : 2.0;
    module.weight.mutable_grad() = at::full_like(module.weight, g);
    lion.Step(0.01, step);
    const double c = 0.9 * m + 0.1 * g;
    w = w * (1 - 0.01 * 0.5) - 0.01 * (c > 0 ? 1 : -1);
    m = 0.99 * m + 0.01 * g;
    EXPECT_NEAR(module.weight[0].item<double>(), w, 1e-6) << step;
  }
}

TEST(OptimizerTest, ClipsTheNormOfAllGradients) {
  TinyModule module(0.0F);
  Optimizer optimizer(module, {.momentum = 0, .weight_decay = 0, .clip_norm = 1});
  module.weight.mutable_grad() = at::full_like(module.weight, 3.0);
  module.scale.mutable_grad() = at::full_like(module.scale, 4.0);
  EXPECT_NEAR(optimizer.Step(1, 1), std::sqrt(50.0), 1e-6);
  EXPECT_NEAR(module.weight[0].item<double>(), -3 / std::sqrt(50.0), 1e-5);
  module.weight.mutable_grad() = at::full_like(module.weight, 0.3);
  module.scale.mutable_grad() = at::full_like(module.scale, 0.4);
  optimizer.Step(1, 2);  // Short enough already.
  EXPECT_NEAR(module.weight[0].item<double>(), -3 / std::sqrt(50.0) - 0.3, 1e-5);
}

TEST(OptimizerTest, EarlierStagesAreDeeper) {
  EXPECT_EQ(Optimizer::DepthOf("backbone.backbone.stem.conv.conv.weight"), 0);
  EXPECT_EQ(Optimizer::DepthOf("backbone.backbone.dark2.0.conv.weight"), 1);
  EXPECT_EQ(Optimizer::DepthOf("backbone.backbone.dark5.1.conv1.bn.bias"), 4);
  EXPECT_EQ(Optimizer::DepthOf("backbone.lateral_conv0.conv.weight"), 5);
  EXPECT_EQ(Optimizer::DepthOf("head.stems.0.conv.weight"), 6);
}

TEST(ScheduleTest, ShapesBetweenWarmUpAndTail) {
  TrainConfig config;
  config.epochs = 20;
  config.optimizer.lr = 1;
  config.schedule.warmup_epochs = 2;
  config.schedule.min_lr_ratio = 0.1;
  config.schedule.milestones = {8, 12};
  config.augment.no_aug_epochs = 2;
  const auto rate = [&](const std::string& type, double epoch) {
    config.schedule.type = type;
    return Schedule(config, 100).LearningRate(static_cast<std::int64_t>(epoch * 100) - 1);
  };
  EXPECT_NEAR(rate("linear", 10), 0.55, 1e-12);  // Half of the way from 2 to 18.
  EXPECT_NEAR(rate("linear", 20), 0.1, 1e-12);
  EXPECT_NEAR(rate("flat_cosine", 10), 1, 1e-12);
  EXPECT_NEAR(rate("flat_cosine", 14), 0.55, 1e-12);
  EXPECT_NEAR(rate("flat_cosine", 18), 0.1, 1e-12);
  EXPECT_NEAR(rate("step", 8), 1, 1e-12);
  EXPECT_NEAR(rate("step", 8.02), 0.1, 1e-12);
  EXPECT_NEAR(rate("step", 12.02), 0.01, 1e-12);
  EXPECT_NEAR(rate("step", 20), 0.01, 1e-12);
  EXPECT_NEAR(rate("one_cycle", 0.01), 1.0 / 25, 1e-3);
  EXPECT_NEAR(rate("one_cycle", 5.4), 1, 1e-12);  // 30 % of 18.
  EXPECT_NEAR(rate("one_cycle", 18), 0.1, 1e-12);
  for (const char* type : {"linear", "flat_cosine", "step"}) EXPECT_NEAR(rate(type, 1), 0.25, 1e-12) << type;
}

TEST(OptimizerTest, StateGoesOnWhereItWasAndRefusesAnother) {
  for (const char* type : {"SGD", "Adam", "AdamW", "Lion"}) {
    TinyModule a(1.0F);
    TinyModule b(1.0F);
    const OptimizerConfig config{.type = type};
    Optimizer first(a, config);
    a.weight.mutable_grad() = at::full_like(a.weight, 2.0);
    first.Step(0.1, 1);
    {
      const at::NoGradGuard no_grad;
      b.weight.copy_(a.weight);
      b.scale.copy_(a.scale);
    }
    Optimizer second(b, config);
    second.LoadState(first.State());
    b.weight.mutable_grad() = at::full_like(b.weight, 2.0);
    first.Step(0.1, 2);
    second.Step(0.1, 2);
    EXPECT_TRUE(at::equal(a.weight, b.weight)) << type;
    EXPECT_THROW(second.LoadState({}), Error);
  }
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
