#include "trainer/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace yoake::trainer {
namespace {

constexpr double kOneCycleRise = 0.3;
constexpr double kOneCycleStart = 1.0 / 25;

// Where a step stands between warm-up and tail.
struct Place {
  double share;  // In [0, 1].
  double epoch;
  const ScheduleConfig& config;
};

// From `from` to `to` along half a cosine.
double HalfCosine(double from, double to, double share) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

double OneCycle(const Place& at) {
  if (at.share < kOneCycleRise) return HalfCosine(kOneCycleStart, 1, at.share / kOneCycleRise);
  return HalfCosine(1, at.config.min_lr_ratio, (at.share - kOneCycleRise) / (1 - kOneCycleRise));
}

double FlatCosine(const Place& at) {
  const double flat = at.config.flat;
  if (at.share <= flat) return 1;
  return HalfCosine(1, at.config.min_lr_ratio, (at.share - flat) / (1 - flat));
}

double Steps(const Place& at) {
  const auto passed = std::count_if(at.config.milestones.begin(), at.config.milestones.end(),
                                    [&](double milestone) { return milestone <= at.epoch; });
  return std::pow(at.config.gamma, static_cast<double>(passed));
}

// The rate as a share of lr. A new schedule is a function and a line here.
struct Shape {
  const char* name;
  double (*factor)(const Place& at);
};
constexpr Shape kShapes[] = {
    {"cosine", [](const Place& at) { return HalfCosine(1, at.config.min_lr_ratio, at.share); }},
    {"constant", [](const Place&) { return 1.0; }},
    {"linear", [](const Place& at) { return 1 + at.share * (at.config.min_lr_ratio - 1); }},
    {"flat_cosine", FlatCosine},
    {"step", Steps},
    {"one_cycle", OneCycle},
};

const Shape& FindShape(const std::string& name) {
  for (const Shape& shape : kShapes) {
    if (name == shape.name) return shape;
  }
  throw Error(
      ErrorKind::kConfig,
      "unknown schedule '" + name + "'; known: cosine, constant, linear, flat_cosine, step, one_cycle",
      "schedule.type");
}

}  // namespace

Schedule::Schedule(const TrainConfig& config, std::int64_t steps_per_epoch)
    : config_(config.schedule),
      lr_(config.optimizer.lr),
      steps_per_epoch_(static_cast<double>(steps_per_epoch)),
      warmup_(config_.type == "one_cycle" ? 0 : WarmupEpochs(config) * steps_per_epoch_),
      tail_(static_cast<double>((config.epochs - NoAugEpochs(config)) * steps_per_epoch)),
      total_(config.epochs * steps_per_epoch) {
  FindShape(config_.type);
}

double Schedule::LearningRate(std::int64_t step) const {
  // One more than passed, so that the first step moves and the last one of the warm-up runs at lr.
  const double done = std::max(static_cast<double>(step + 1 - config_.lag_steps), 0.0);
  if (done <= warmup_) return lr_ * (done / warmup_) * (done / warmup_);
  const double share = tail_ > warmup_ ? std::min((done - warmup_) / (tail_ - warmup_), 1.0) : 1.0;
  const double epoch = static_cast<double>(step) / steps_per_epoch_;
  return lr_ * FindShape(config_.type).factor({.share = share, .epoch = epoch, .config = config_});
}

}  // namespace yoake::trainer
