#include "trainer/augment/pipeline.h"

#include "trainer/augment/letterbox.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {

Pipeline::Pipeline(const AugmentConfig& augment, int size, bool last_epochs) : size_(size) {
  for (const std::string& name : augment.order) {
    const TransformType& type = FindTransformType(name);
    const TransformParams& params = augment.transforms.at(name);
    if (!type.draws_from_sample && !IsOn(params)) continue;
    const auto prob = params.find("prob");
    stages_.push_back({.name = name,
                       .prob = prob == params.end() ? std::nullopt : std::optional(prob->second),
                       .draws_from_sample = type.draws_from_sample,
                       .ended = last_epochs && type.ends_early,
                       .transform = type.make(params)});
  }
}

Sample Pipeline::operator()(const SampleSource& source, std::size_t image, RandomStream random) const {
  Sample sample = source.Load(image);
  for (const Stage& stage : stages_) {
    RandomStream own = stage.draws_from_sample ? random : random.Split(stage.name);
    RandomStream* draws = stage.draws_from_sample ? &random : &own;
    // Drawn in the last epochs, too: what follows then draws what it would have drawn before.
    if (stage.prob && !draws->Chance(*stage.prob)) continue;
    if (!stage.ended) stage.transform({size_, source, draws}, &sample);
  }
  PadToSquare(size_, &sample);
  if (!sample.image.isContinuous()) sample.image = sample.image.clone();
  return sample;
}

}  // namespace yoake::trainer
