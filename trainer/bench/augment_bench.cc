#include "trainer/bench/augment_bench.h"

#include <algorithm>
#include <ctime>
#include <functional>

#include "core/text_file.h"
#include "datasets/read.h"
#include "trainer/augment/pipeline.h"
#include "trainer/augment/transforms.h"
#include "trainer/data/training_source.h"

namespace yoake::trainer {
namespace {

constexpr std::size_t kImages = 64;
constexpr int kRounds = 5;

// Median over the rounds of what `run(image)` takes on average, after one round of warm-up.
double MedianMs(std::size_t images, const std::function<void(std::size_t)>& run) {
  std::vector<double> rounds;
  for (int round = 0; round <= kRounds; ++round) {
    const std::clock_t begin = std::clock();  // Processor time: right on a busy machine, too.
    for (std::size_t i = 0; i < images; ++i) run(i);
    const double spent_ms = 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (round > 0) rounds.push_back(spent_ms / static_cast<double>(images));
  }
  std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
  return rounds[kRounds / 2];
}

}  // namespace

std::vector<AugmentCost> BenchAugment(const std::filesystem::path& dataset, int input_size) {
  TrainingSet set =
      MakeTrainingSet(datasets::ReadCoco(TextFile::Open(dataset), {},
                                         {.elements = {}, .masks = true, .masks_may_lack = true}),
                      dataset.string());
  if (set.images.size() > kImages) set.images.resize(kImages);
  ImageCache cache(input_size, 1);
  const TrainingSource source(set, &cache);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < source.size(); ++i) samples.push_back(source.Load(i));

  RandomStream random(1);
  std::vector<AugmentCost> costs;
  for (const TransformType& type : AllTransformTypes()) {
    const Transform transform = type.make(DefaultParams(type));
    costs.push_back({type.name, MedianMs(samples.size(), [&](std::size_t i) {
                       Sample sample = samples[i];
                       transform({input_size, source, &random}, &sample);
                     })});
  }
  const Pipeline pipeline(AugmentConfig{}, input_size, /*last_epochs=*/false);
  costs.push_back(
      {"default", MedianMs(samples.size(), [&](std::size_t i) { pipeline(source, i, random.Split(i)); })});
  return costs;
}

}  // namespace yoake::trainer
