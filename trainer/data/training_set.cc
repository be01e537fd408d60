#include "trainer/data/training_set.h"

#include <map>

#include "core/error.h"
#include "datasets/read.h"

namespace yoake::trainer {
namespace {

std::map<datasets::CategoryId, int> Labels(const std::vector<datasets::Category>& categories) {
  std::map<datasets::CategoryId, int> labels;
  for (const datasets::Category& category : categories) {
    labels.emplace(category.id, static_cast<int>(labels.size()));
  }
  return labels;
}

// Without a size in the file any box is taken; LoadSample clips it to the decoded image.
bool HasAreaInside(const Box& box, const datasets::Image& image) {
  if (image.width <= 0 || image.height <= 0) return box.w > 0 && box.h > 0;
  return ClipBox(box, image.width, image.height).has_value();
}

}  // namespace

TrainingSet MakeTrainingSet(const datasets::Dataset& dataset, const std::string& where) {
  datasets::RequireUsable(dataset, where);
  TrainingSet set;
  for (const datasets::Category& category : dataset.categories) set.categories.push_back(category.name);
  std::map<datasets::ImageId, std::size_t> index;
  for (const datasets::Image& image : dataset.images) {
    index.emplace(image.id, set.images.size());
    set.images.push_back({image, {}});
  }
  set.weights.assign(set.images.size(), 1);
  const auto labels = Labels(dataset.categories);
  int crowds = 0;
  int empty = 0;
  for (std::size_t i = 0; i < dataset.annotations.size(); ++i) {
    const datasets::Annotation& annotation = dataset.annotations[i];
    TrainingImage& image = set.images[index.at(annotation.image_id)];
    if (annotation.crowd) {
      ++crowds;
    } else if (!HasAreaInside(annotation.box, image.image)) {
      ++empty;
    } else {
      image.boxes.push_back({annotation.box, labels.at(annotation.category_id)});
      if (!dataset.masks.empty()) image.masks.push_back(dataset.masks[i]);
    }
  }
  if (crowds > 0)
    set.warnings.push_back(where + ": " + std::to_string(crowds) + " crowd boxes are not trained on");
  if (empty > 0) {
    set.warnings.push_back(
        where + ": " + std::to_string(empty) +
        " boxes without area inside their image are not trained on; `yoake dataset check` names them");
  }
  return set;
}

Sample LoadSample(const TrainingImage& image, ImageCache* cache) {
  const ScaledImage scaled = cache->Get(image.image);
  Sample sample;
  sample.image = scaled.pixels;
  for (const LabeledBox& labeled : image.boxes) {
    const auto inside = ClipBox(Scaled(labeled.box, scaled.scale), scaled.pixels.cols, scaled.pixels.rows);
    if (inside) sample.boxes.push_back({*inside, labeled.label});
  }
  return sample;
}

}  // namespace yoake::trainer
