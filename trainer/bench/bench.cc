#include "trainer/bench/bench.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "core/rng.h"
#include "trainer/blas.h"
#include "trainer/losses/yolox_loss.h"
#include "trainer/models/decode.h"
#include "trainer/models/yolox.h"

namespace yoake::trainer {
namespace {

// Seven boxes an image, a twentieth to two fifths of the input wide.
std::vector<Targets> SyntheticTargets(const BenchOptions& options) {
  RandomStream random(7);
  std::vector<Targets> targets;
  for (int b = 0; b < options.batch; ++b) {
    Targets rows = at::empty({7, 5});
    auto* row = rows.data_ptr<float>();
    for (int t = 0; t < 7; ++t, row += 5) {
      row[0] = static_cast<float>(random.Below(static_cast<std::uint64_t>(options.num_classes)));
      for (int i = 1; i <= 2; ++i) row[i] = static_cast<float>(random.Uniform(.2, .8) * options.input_size);
      for (int i = 3; i <= 4; ++i) row[i] = static_cast<float>(random.Uniform(.05, .4) * options.input_size);
    }
    targets.push_back(rows);
  }
  return targets;
}

struct Rates {
  double median = 0;
  double low = 0;
  double high = 0;
};

Rates Measure(const BenchOptions& options, const std::function<void()>& step) {
  const auto round = [&] {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < options.steps; ++i) step();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return options.batch * options.steps / seconds.count();
  };
  round();
  std::vector<double> rates;
  for (int i = 0; i < std::max(1, options.repeats); ++i) rates.push_back(round());
  std::sort(rates.begin(), rates.end());
  return {rates[rates.size() / 2], rates.front(), rates.back()};
}

}  // namespace

BenchResult Bench(const BenchOptions& options) {
  SetThreads(options.threads);
  const at::Device device(options.device);
  Yolox model = MakeYolox(options.model, options.num_classes);
  model->to(device);
  const at::Tensor images = at::randint(0, 256, {options.batch, 3, options.input_size, options.input_size},
                                        at::TensorOptions(at::kFloat))
                                .to(device);
  BenchResult result;
  if (options.train) {
    model->train();
    const std::vector<Targets> targets = SyntheticTargets(options);
    YoloxLoss loss(LossesConfig{}, AssignerConfig{},
                   UnnamedCategories(options.num_classes, options.input_size));
    std::vector<at::Tensor> parameters = model->parameters();
    // A small step: the weights must stay sane over the rounds, what the step costs does not depend on it.
    const Rates rates = Measure(options, [&] {
      loss(model->forward(images), targets, false).total.backward();
      const at::NoGradGuard no_grad;
      for (at::Tensor& parameter : parameters) {
        parameter.sub_(parameter.grad(), 1e-6);
        parameter.mutable_grad().reset();
      }
    });
    result.train_images_per_s = rates.median;
    result.train_low = rates.low;
    result.train_high = rates.high;
  }
  if (options.infer) {
    model->eval();
    const at::NoGradGuard no_grad;
    const Rates rates = Measure(options, [&] { Decode(model->forward(images)).sum().item<float>(); });
    result.infer_images_per_s = rates.median;
    result.infer_low = rates.low;
    result.infer_high = rates.high;
  }
  return result;
}

}  // namespace yoake::trainer
