#include "trainer/models/batch_norm_silu.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "trainer/models/batch_norm_silu_kernel.h"

namespace yoake::trainer {
namespace {

struct Case {
  std::int64_t batch, channels, height, width;
  double mean, spread;
};

struct Outcome {
  at::Tensor y, dx, d_weight, d_bias, running_mean, running_var;
};

// Smooth, deterministic values with the asked mean and spread.
at::Tensor Values(at::IntArrayRef sizes, double phase, double mean, double spread) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  const at::Tensor steps = at::arange(count, at::kDouble);
  return ((steps * .7391 + phase).sin() + (steps * .0137 + phase).cos()).mul(spread).add(mean).view(sizes);
}

Outcome RunOnce(const Case& c, bool training, at::ScalarType type, bool fused) {
  const std::vector<std::int64_t> sizes = {c.batch, c.channels, c.height, c.width};
  // Both runs see the same float32 inputs.
  at::Tensor x = Values(sizes, .3, c.mean, c.spread).to(at::kFloat).to(type);
  if (fused) x = x.contiguous(at::MemoryFormat::ChannelsLast);
  x.set_requires_grad(true);
  at::Tensor weight = Values({c.channels}, 1, 1, .2).to(at::kFloat).to(type).set_requires_grad(true);
  at::Tensor bias = Values({c.channels}, 2, 0, .3).to(at::kFloat).to(type).set_requires_grad(true);
  Outcome run;
  run.running_mean = Values({c.channels}, 3, c.mean, c.spread).to(at::kFloat).to(type);
  run.running_var = Values({c.channels}, 4, 2, .4).to(at::kFloat).to(type);
  if (fused) {
    run.y = BatchNormSilu(x, weight, bias, run.running_mean, run.running_var, {.training = training});
  } else {
    run.y = at::silu(
        at::batch_norm(x, weight, bias, run.running_mean, run.running_var, training, .03, 1e-3, false));
  }
  run.y.backward(Values(sizes, 5, .05, 1).to(at::kFloat).to(type));
  run.dx = x.grad();
  run.d_weight = weight.grad();
  run.d_bias = bias.grad();
  return run;
}

double RelativeGap(const at::Tensor& value, const at::Tensor& reference) {
  return ((value.to(at::kDouble) - reference).norm() / reference.norm().clamp_min(1e-30)).item<double>();
}

// Against float64. The mean of 3000 against a spread of 5 is the stem on raw pixels, at its worst.
TEST(BatchNormSilu, IsPreciseAgainstFloat64) {
  const Case cases[] = {{2, 16, 40, 40, 0, 1},  {2, 16, 40, 40, 3000, 5}, {1, 8, 13, 7, 100, 20},
                        {2, 24, 9, 11, -50, 3}, {1, 3, 5, 5, 10, 2},      {3, 1, 7, 3, 0, 1},
                        {2, 48, 20, 20, 5, 1},  {1, 128, 2, 2, 0, 4},     {8, 16, 160, 160, 300, 9}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.batch << 'x' << c.channels << 'x' << c.height << 'x' << c.width);
    for (const bool training : {true, false}) {
      SCOPED_TRACE(training ? "training" : "evaluation");
      const Outcome got = RunOnce(c, training, at::kFloat, true);
      const Outcome want = RunOnce(c, training, at::kDouble, false);
      const double limit = 1e-6;
      EXPECT_LT(RelativeGap(got.y, want.y), limit);
      EXPECT_LT(RelativeGap(got.dx, want.dx), 10 * limit);
      EXPECT_LT(RelativeGap(got.d_weight, want.d_weight), 10 * limit);
      EXPECT_LT(RelativeGap(got.d_bias, want.d_bias), 10 * limit);
      EXPECT_LT(RelativeGap(got.running_mean, want.running_mean), 1e-6);
      EXPECT_LT(RelativeGap(got.running_var, want.running_var), 1e-6);
    }
  }
}

TEST(BatchNormSilu, SameBitsOnAnyNumberOfThreads) {
  const Case c{4, 24, 80, 80, 30, 5};
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const Outcome one = RunOnce(c, true, at::kFloat, true);
  at::set_num_threads(3);
  const Outcome many = RunOnce(c, true, at::kFloat, true);
  at::set_num_threads(before);
  EXPECT_TRUE(one.y.equal(many.y));
  EXPECT_TRUE(one.dx.equal(many.dx));
  EXPECT_TRUE(one.d_weight.equal(many.d_weight));
  EXPECT_TRUE(one.running_var.equal(many.running_var));
}

TEST(BatchNormSilu, EveryInstructionSetGivesTheSameBits) {
  constexpr std::int64_t kWidth = 48;
  constexpr std::int64_t kCount = 48 * 37 + 24;  // Ends within a row.
  const at::Tensor x = Values({kCount}, 1, 3, 30).to(at::kFloat);
  const at::Tensor dy = Values({kCount}, 2, 0, 1).to(at::kFloat);
  const at::Tensor row = Values({5, kWidth}, 3, .5, .2).to(at::kFloat);
  const auto* r = row.data_ptr<float>();
  const auto run = [&](const NormSiluKernels& kernels) {
    at::Tensor out = at::zeros({2 * kCount + 4 * kWidth});
    auto* o = out.data_ptr<float>();
    auto* sums = o + 2 * kCount;
    kernels.forward(x.data_ptr<float>(), kCount, kWidth, r, r + kWidth, r + 2 * kWidth, o);
    kernels.backward(x.data_ptr<float>(), dy.data_ptr<float>(), kCount, kWidth, r, r + kWidth, r + 2 * kWidth,
                     r + 3 * kWidth, r + 4 * kWidth, o + kCount);
    kernels.moments(x.data_ptr<float>(), kCount, kWidth, r, sums, sums + kWidth);
    kernels.gradient_sums(x.data_ptr<float>(), dy.data_ptr<float>(), kCount, kWidth, r, r + kWidth,
                          r + 2 * kWidth, sums + 2 * kWidth, sums + 3 * kWidth);
    return out;
  };
  const at::Tensor best = run(BestNormSiluKernels());
  const at::Tensor baseline = run(BaselineNormSiluKernels());
  EXPECT_TRUE(best.equal(baseline)) << BestNormSiluKernels().name;
}

TEST(BatchNormSilu, NotANumberIsNotHidden) {
  at::Tensor x = at::zeros({1, 16, 2, 2});
  x[0][3][1][1] = NAN;
  at::Tensor mean = at::zeros({16});
  at::Tensor var = at::ones({16});
  const at::NoGradGuard no_grad;
  const at::Tensor y = BatchNormSilu(x, at::ones({16}), at::zeros({16}), mean, var, {.training = false});
  EXPECT_EQ(y.isnan().sum().item<int>(), 1);
}

}  // namespace
}  // namespace yoake::trainer
