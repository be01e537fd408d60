#pragma once

#include "trainer/augment/transform.h"
#include "trainer/data/training_set.h"

namespace yoake::trainer {

// The training set as augmentation sees it, decoded and scaled by the cache. Borrows both.
class TrainingSource : public SampleSource {
 public:
  TrainingSource(const TrainingSet& set, ImageCache* cache) : set_(set), cache_(cache) {}

  std::size_t size() const override { return set_.images.size(); }
  Sample Load(std::size_t index) const override { return LoadSample(set_.images[index], cache_); }
  // The pixels that a box touches; the mask covers the object's pixels by how much of each is inside.
  std::vector<Cutout> CutOut(std::size_t index) const override;

 private:
  const TrainingSet& set_;
  ImageCache* cache_;
};

}  // namespace yoake::trainer
