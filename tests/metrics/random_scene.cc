#include "tests/metrics/random_scene.h"

#include <string>

namespace yoake::metrics {
namespace {

// On a coarse grid, in sizes around the borders 32^2 and 96^2, sometimes without area.
Box RandomBox(RandomStream* random) {
  static const std::vector<double> sizes = {8, 16, 32, 32, 64, 96, 96, 128};
  const auto size = [&] { return random->Chance(0.03) ? 0 : sizes[random->Below(sizes.size())]; };
  return {8.0 * static_cast<double>(random->Below(12)), 8.0 * static_cast<double>(random->Below(12)), size(),
          size()};
}

Box Shaken(Box box, RandomStream* random) {
  if (random->Chance(0.3)) return box;
  box.x += static_cast<double>(random->Int(-4, 4));
  box.w += box.w > 8 ? static_cast<double>(random->Int(-4, 4)) : 0;
  return box;
}

}  // namespace

Scene RandomScene(const SceneOptions& options, RandomStream* random) {
  Scene scene;
  for (int i = 0; i < options.images; ++i) {
    scene.truth.images.push_back({datasets::ImageId{7 * i}, std::to_string(i), {}, 200, 200, 0});
  }
  for (int c = 0; c < options.categories; ++c) {
    scene.truth.categories.push_back(
        {datasets::CategoryId{3 * c}, std::string("c").append(std::to_string(c)), ""});
  }
  const auto image = [&] { return scene.truth.images[random->Below(scene.truth.images.size())].id; };
  const auto category = [&] {
    return scene.truth.categories[random->Below(scene.truth.categories.size())].id;
  };
  for (int i = 0; i < options.truths; ++i) {
    datasets::Annotation annotation;
    annotation.id = datasets::AnnotationId{i + (options.id_zero ? 0 : 1)};
    annotation.image_id = image();
    annotation.category_id = category();
    annotation.box = RandomBox(random);
    annotation.area = annotation.box.area() * (random->Chance(0.5) ? 1 : 0.75);
    annotation.crowd = random->Chance(options.crowd_share);
    scene.truth.annotations.push_back(annotation);
  }
  for (int i = 0; i < options.detections; ++i) {
    Detection detection;
    detection.image_id = image();
    detection.category_id = category();
    detection.box = RandomBox(random);
    if (random->Chance(0.7) && !scene.truth.annotations.empty()) {
      const auto& near = scene.truth.annotations[random->Below(scene.truth.annotations.size())];
      detection.image_id = near.image_id;
      detection.category_id = near.category_id;
      detection.box = Shaken(near.box, random);
    }
    detection.score = static_cast<double>(random->Int(-2, 12)) / 8;
    scene.detections.push_back(detection);
  }
  return scene;
}

}  // namespace yoake::metrics
