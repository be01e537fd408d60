#include "trainer/models/batch_norm_silu.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "trainer/models/batch_norm_silu_kernel.h"

namespace yoake::trainer {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Short enough for float sums to stay exact to a few digits, long enough to forget the call.
constexpr std::int64_t kBlockFloats = 8192;

// The [B*H*W, C] view in tiles: as many rows side by side as make `width` a multiple of the kernels' 16
// lanes. A block is a whole number of tiles, so every block starts at column 0.
struct Tiling {
  explicit Tiling(const at::Tensor& x)
      : channels(x.size(1)),
        repeat(16 / std::gcd(channels, std::int64_t{16})),
        width(channels * repeat),
        count(x.numel()),
        block(std::max<std::int64_t>(1, kBlockFloats / width) * width),
        blocks((count + block - 1) / block) {}

  std::int64_t Size(std::int64_t index) const { return std::min(block, count - index * block); }

  // A per-channel row repeated over the tile.
  template <typename Value>
  std::vector<float> Spread(const Value& value) const {
    std::vector<float> row(width);
    for (std::int64_t i = 0; i < width; ++i) row[i] = static_cast<float>(value(i % channels));
    return row;
  }

  std::int64_t channels;
  std::int64_t repeat;
  std::int64_t width;
  std::int64_t count;
  std::int64_t block;
  std::int64_t blocks;
};

template <typename Work>
void ForBlocks(const Tiling& tiling, const Work& work) {
  at::parallel_for(0, tiling.blocks, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) work(i);
  });
}

// Two sums per channel over all blocks: floats within a block, doubles in block order across them.
struct Sums {
  std::vector<double> first;
  std::vector<double> second;
};

template <typename Kernel>
Sums SumBlocks(const Tiling& t, const Kernel& kernel) {
  std::vector<float> partial(static_cast<std::size_t>(2 * t.width * t.blocks));
  ForBlocks(t, [&](std::int64_t i) {
    float* first = partial.data() + 2 * t.width * i;
    kernel(i * t.block, t.Size(i), first, first + t.width);
  });
  Sums sums{std::vector<double>(t.channels), std::vector<double>(t.channels)};
  for (std::int64_t i = 0; i < t.blocks; ++i) {
    const float* first = partial.data() + 2 * t.width * i;
    for (std::int64_t j = 0, c = 0; j < t.width; ++j, c = c + 1 == t.channels ? 0 : c + 1) {
      sums.first[c] += first[j];
      sums.second[c] += first[t.width + j];
    }
  }
  return sums;
}

// Near enough to each channel's mean that sums of squares around it lose no digits: the mean of some rows.
std::vector<float> Pivot(const Tiling& t, const float* x) {
  const std::int64_t rows = t.count / t.channels;
  const std::int64_t step = std::max<std::int64_t>(1, rows / 64);
  std::vector<double> sum(t.channels);
  std::int64_t taken = 0;
  for (std::int64_t row = 0; row < rows; row += step, ++taken) {
    for (std::int64_t c = 0; c < t.channels; ++c) sum[c] += x[row * t.channels + c];
  }
  return t.Spread([&](std::int64_t c) { return sum[c] / static_cast<double>(taken); });
}

struct Statistics {
  std::vector<double> mean;
  std::vector<double> variance;  // Biased, as normalisation wants it.
};

Statistics BatchStatistics(const Tiling& t, const float* x) {
  const std::vector<float> pivot = Pivot(t, x);
  const Sums sums = SumBlocks(t, [&](std::int64_t at, std::int64_t count, float* sum, float* square) {
    BestNormSiluKernels().moments(x + at, count, t.width, pivot.data(), sum, square);
  });
  const double rows = static_cast<double>(t.count / t.channels);
  Statistics statistics{std::vector<double>(t.channels), std::vector<double>(t.channels)};
  for (std::int64_t c = 0; c < t.channels; ++c) {
    const double shift = sums.first[c] / rows;
    statistics.mean[c] = pivot[c] + shift;
    statistics.variance[c] = std::max(0.0, sums.second[c] / rows - shift * shift);
  }
  return statistics;
}

void MoveRunning(const Statistics& batch, std::int64_t rows, double momentum, at::Tensor& running_mean,
                 at::Tensor& running_var) {
  const double unbiased =
      static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(1, rows - 1));
  auto* mean = running_mean.data_ptr<float>();
  auto* var = running_var.data_ptr<float>();
  for (std::size_t c = 0; c < batch.mean.size(); ++c) {
    mean[c] = static_cast<float>((1 - momentum) * mean[c] + momentum * batch.mean[c]);
    var[c] = static_cast<float>((1 - momentum) * var[c] + momentum * batch.variance[c] * unbiased);
  }
}

// Statistics of a mode: mean and 1/sqrt(var + eps) as one [2, C] tensor of doubles.
struct Moments {
  explicit Moments(const at::Tensor& table)
      : mean(table.data_ptr<double>()), inv_std(table.data_ptr<double>() + table.size(1)) {}
  const double* mean;
  const double* inv_std;
};

// Per column, as the kernels want it. What the mean loses as a float goes into the bias: with a mean of
// thousands of spreads that is most of the error.
struct ScaleAndShift {
  ScaleAndShift(const Tiling& t, const Moments& moments, const at::Tensor& weight, const at::Tensor& bias_in)
      : mean(t.Spread([&](std::int64_t c) { return moments.mean[c]; })),
        scale(t.Spread([&](std::int64_t c) { return weight.data_ptr<float>()[c] * moments.inv_std[c]; })),
        bias(t.Spread([&](std::int64_t c) {
          return bias_in.data_ptr<float>()[c] -
                 MeanLoss(moments, c) * weight.data_ptr<float>()[c] * moments.inv_std[c];
        })) {}
  // The true mean minus the one in `mean`.
  double MeanLoss(const Moments& moments, std::int64_t c) const { return moments.mean[c] - mean[c]; }

  std::vector<float> mean;
  std::vector<float> scale;
  std::vector<float> bias;
};

void RunForward(const Tiling& t, const ScaleAndShift& affine, const float* x, float* y) {
  ForBlocks(t, [&](std::int64_t i) {
    BestNormSiluKernels().forward(x + i * t.block, t.Size(i), t.width, affine.mean.data(),
                                  affine.scale.data(), affine.bias.data(), y + i * t.block);
  });
}

// Of the batch in training, which moves the running statistics; else of the running ones.
at::Tensor MomentsOf(const Tiling& t, const at::Tensor& x, at::Tensor& running_mean, at::Tensor& running_var,
                     const BatchNormOptions& options) {
  Statistics statistics;
  if (options.training) {
    statistics = BatchStatistics(t, x.data_ptr<float>());
    MoveRunning(statistics, t.count / t.channels, options.momentum, running_mean, running_var);
  } else {
    const auto* mean = running_mean.data_ptr<float>();
    const auto* var = running_var.data_ptr<float>();
    statistics = {{mean, mean + t.channels}, {var, var + t.channels}};
  }
  at::Tensor table = at::empty({2, t.channels}, at::kDouble);
  auto* mean = table.data_ptr<double>();
  for (std::int64_t c = 0; c < t.channels; ++c) {
    mean[c] = statistics.mean[c];
    mean[t.channels + c] = 1 / std::sqrt(statistics.variance[c] + options.eps);
  }
  return table;
}

struct FusedBatchNormSilu : torch::autograd::Function<FusedBatchNormSilu> {
  // x: channels_last. moments: see Moments.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, const at::Tensor& moments, bool training) {
    const Tiling t(x);
    at::Tensor y = at::empty_like(x);
    RunForward(t, ScaleAndShift(t, Moments(moments), weight, bias), x.data_ptr<float>(), y.data_ptr<float>());
    context->save_for_backward({x, weight, bias, moments});
    context->saved_data["training"] = training;
    return y;
  }

  // With xhat = (x - mean) * inv_std: dx = scale * (dz - mean(dz) - xhat * mean(dz * xhat)); the two means
  // are zero where the statistics were constants.
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const Tiling t(x);
    const at::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const auto* x_data = x.data_ptr<float>();
    const auto* dy_data = dy.data_ptr<float>();
    const Moments moments(saved[3]);
    const ScaleAndShift affine(t, moments, saved[1], saved[2]);
    const NormSiluKernels& kernels = BestNormSiluKernels();

    Sums sums = SumBlocks(t, [&](std::int64_t at, std::int64_t count, float* sum, float* product) {
      kernels.gradient_sums(x_data + at, dy_data + at, count, t.width, affine.mean.data(),
                            affine.scale.data(), affine.bias.data(), sum, product);
    });
    at::Tensor d_weight = at::empty({t.channels}, at::kFloat);
    at::Tensor d_bias = at::empty({t.channels}, at::kFloat);
    for (std::int64_t c = 0; c < t.channels; ++c) {
      sums.second[c] -= sums.first[c] * affine.MeanLoss(moments, c);
      d_weight.data_ptr<float>()[c] = static_cast<float>(sums.second[c] * moments.inv_std[c]);
      d_bias.data_ptr<float>()[c] = static_cast<float>(sums.first[c]);
    }

    const double share =
        context->saved_data["training"].toBool() ? 1.0 / static_cast<double>(t.count / t.channels) : 0.0;
    const auto slope_of = [&](std::int64_t c) {
      return affine.scale[c] * sums.second[c] * share * moments.inv_std[c] * moments.inv_std[c];
    };
    const std::vector<float> slope = t.Spread(slope_of);
    const std::vector<float> offset = t.Spread([&](std::int64_t c) {
      return affine.scale[c] * sums.first[c] * share - slope_of(c) * affine.MeanLoss(moments, c);
    });
    at::Tensor dx = at::empty_like(x);
    ForBlocks(t, [&](std::int64_t i) {
      kernels.backward(x_data + i * t.block, dy_data + i * t.block, t.Size(i), t.width, affine.mean.data(),
                       affine.scale.data(), affine.bias.data(), offset.data(), slope.data(),
                       dx.data_ptr<float>() + i * t.block);
    });
    return {dx, d_weight, d_bias, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor BatchNormSilu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         at::Tensor& running_mean, at::Tensor& running_var, const BatchNormOptions& options) {
  if (!x.device().is_cpu() || x.scalar_type() != at::kFloat || x.numel() == 0) {
    const at::Tensor y = at::batch_norm(x, weight, bias, running_mean, running_var, options.training,
                                        options.momentum, options.eps, /*cudnn_enabled=*/true);
    return at::silu(y);
  }
  const at::Tensor rows = x.contiguous(at::MemoryFormat::ChannelsLast);
  const Tiling t(rows);
  const at::Tensor moments = MomentsOf(t, rows, running_mean, running_var, options);
  const bool needs_gradient =
      at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad() || bias.requires_grad());
  if (!needs_gradient && !options.training) {
    auto* data = rows.data_ptr<float>();
    RunForward(t, ScaleAndShift(t, Moments(moments), weight, bias), data, data);
    return rows;
  }
  return FusedBatchNormSilu::apply(rows, weight, bias, moments, options.training);
}

}  // namespace yoake::trainer
