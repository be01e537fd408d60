#pragma once

#include <cstdint>
#include <vector>

#include "core/rng.h"
#include "datasets/dataset.h"
#include "metrics/detections.h"

namespace yoake::metrics {

struct Scene {
  datasets::Dataset truth;
  std::vector<Detection> detections;
};

// How a scene is drawn. The defaults ask for trouble: coarse scores and coordinates (ties everywhere),
// crowds, boxes without area, areas on the borders of the ranges, empty images and categories.
struct SceneOptions {
  int images = 8;
  int categories = 4;
  int truths = 40;
  int detections = 120;
  double crowd_share = 0.15;
  bool id_zero = true;  // Number annotations from 0.
};

Scene RandomScene(const SceneOptions& options, RandomStream* random);

}  // namespace yoake::metrics
