#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <functional>
#include <vector>

#include "core/box.h"
#include "datasets/dataset.h"
#include "metrics/detections.h"
#include "trainer/config/train_config.h"
#include "trainer/data/category_map.h"
#include "trainer/data/image_cache.h"
#include "trainer/models/yolox.h"

namespace yoake::trainer {

// One detected box, in source pixels, clipped to the image.
struct Detected {
  Box box;
  double score = 0;
  int label = 0;
};

// What looks at a batch: images [B, 3, S, S] as ImageTensor makes them -> [B, A, 5 + nc] as Decode returns.
using Network = std::function<at::Tensor(const at::Tensor& images)>;

// Puts the model in evaluation mode at every call; shares it, so it may change between calls.
Network Evaluating(const Yolox& model);

struct DetectOptions {
  int input_size = 416;
  int batch = 8;                // Images a forward pass.
  EvaluationConfig thresholds;  // score_threshold, nms_iou, max_detections.
  c10::Device device = c10::Device(c10::kCPU);
};

// Detections of each image by falling score.
std::vector<std::vector<Detected>> Detect(const Network& network, const std::vector<ScaledImage>& images,
                                          const DetectOptions& options);

// The whole set, in the order of its images, as COCO results with that set's category ids; labels without an
// id are left out. `stop` (may be empty) is asked between batches; nullopt when it said true.
std::optional<std::vector<metrics::Detection>> DetectAll(const Network& network,
                                                         const datasets::Dataset& dataset,
                                                         const CategoryMap& categories, ImageCache* cache,
                                                         const DetectOptions& options,
                                                         const std::function<bool()>& stop);

}  // namespace yoake::trainer
