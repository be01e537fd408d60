#include "trainer/data/image_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/rng.h"

namespace yoake::trainer {
namespace {

// By category: max(1, sqrt(threshold / share of images with it)).
std::vector<double> FactorsByCategory(const TrainingSet& set, double oversample_thr) {
  std::vector<double> with(set.categories.size());
  for (const TrainingImage& image : set.images) {
    std::vector<char> seen(with.size());
    for (const LabeledBox& box : image.boxes) {
      const auto label = static_cast<std::size_t>(box.label);
      if (!std::exchange(seen[label], 1)) ++with[label];
    }
  }
  std::vector<double> factors;
  for (const double images : with) {
    const double share = images / static_cast<double>(set.images.size());
    factors.push_back(images > 0 ? std::max(1.0, std::sqrt(oversample_thr / share)) : 1);
  }
  return factors;
}

// Systematic sampling: one random start, then equal steps along the weights laid end to end.
std::vector<int> Pass(const std::vector<double>& weights, std::uint64_t seed, std::uint64_t number) {
  RandomStream random = RandomStream(seed).Split("order").Split(number);
  const double step =
      std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
  const double start = random.Split("start").Uniform();
  std::vector<int> order;
  std::size_t image = 0;
  double end = weights[0];
  for (std::size_t i = 0; i < weights.size(); ++i) {
    while ((static_cast<double>(i) + start) * step >= end && image + 1 < weights.size())
      end += weights[++image];
    order.push_back(static_cast<int>(image));
  }
  random.Shuffle(order);
  return order;
}

}  // namespace

std::vector<double> RepeatFactors(const TrainingSet& set, double oversample_thr) {
  const std::vector<double> by_category = FactorsByCategory(set, oversample_thr);
  std::vector<double> factors;
  for (const TrainingImage& image : set.images) {
    double largest = 1;
    for (const LabeledBox& box : image.boxes)
      largest = std::max(largest, by_category[static_cast<std::size_t>(box.label)]);
    factors.push_back(largest);
  }
  return factors;
}

std::vector<std::string> RepeatText(const TrainingSet& set, double oversample_thr) {
  const std::vector<double> factors = FactorsByCategory(set, oversample_thr);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] > 1)
      lines.push_back(
          fmt::format("{}: its images are drawn {:.2g} times as often", set.categories[i], factors[i]));
  }
  return lines;
}

std::int64_t StepsPerEpoch(std::size_t images, int batch) {
  return (static_cast<std::int64_t>(images) + batch - 1) / batch;
}

std::vector<int> EpochOrder(const std::vector<double>& weights, int batch, std::uint64_t seed, int epoch) {
  const std::size_t images = weights.size();
  const std::uint64_t count = static_cast<std::uint64_t>(StepsPerEpoch(images, batch) * batch);
  const std::uint64_t first = static_cast<std::uint64_t>(epoch) * count;
  std::vector<int> order;
  std::vector<int> pass;
  std::uint64_t pass_number = ~std::uint64_t{0};
  for (std::uint64_t position = first; position < first + count; ++position) {
    if (position / images != pass_number) {
      pass_number = position / images;
      pass = Pass(weights, seed, pass_number);
    }
    order.push_back(pass[position % images]);
  }
  return order;
}

}  // namespace yoake::trainer
