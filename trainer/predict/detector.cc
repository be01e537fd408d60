#include "trainer/predict/detector.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "trainer/augment/letterbox.h"
#include "trainer/models/decode.h"
#include "trainer/models/nms.h"
#include "trainer/tensors.h"

namespace yoake::trainer {
namespace {

std::vector<Detected> ToSource(const std::vector<Kept>& kept, const ScaledImage& image) {
  std::vector<Detected> detected;
  for (const Kept& box : kept) {
    const Box source{box.x1 / image.scale, box.y1 / image.scale, (box.x2 - box.x1) / image.scale,
                     (box.y2 - box.y1) / image.scale};
    const auto inside = ClipBox(source, image.source_width, image.source_height);
    if (inside) detected.push_back({*inside, box.score, box.label});
  }
  return detected;
}

}  // namespace

Network Evaluating(const Yolox& model) {
  return [model = model](const at::Tensor& images) mutable {
    const at::NoGradGuard no_grad;
    model->eval();
    return Decode(model->forward(images));
  };
}

std::vector<std::vector<Detected>> Detect(const Network& network, const std::vector<ScaledImage>& images,
                                          const DetectOptions& options) {
  const auto side = static_cast<std::size_t>(options.input_size);
  const std::size_t bytes = side * side * 3;
  std::vector<std::uint8_t> pixels(images.size() * bytes);
  for (std::size_t i = 0; i < images.size(); ++i) {
    Sample sample{images[i].pixels, {}};
    PadToSquare(options.input_size, &sample);
    const cv::Mat packed = sample.image.isContinuous() ? sample.image : sample.image.clone();
    std::copy_n(packed.data, bytes, pixels.data() + i * bytes);
  }
  const at::Tensor decoded = network(ImageTensor(pixels, images.size(), options.input_size, options.device));
  std::vector<std::vector<Detected>> detected;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto kept = Postprocess(decoded[static_cast<std::int64_t>(i)], options.thresholds.score_threshold,
                                  options.thresholds.nms_iou, options.thresholds.max_detections);
    detected.push_back(ToSource(kept, images[i]));
  }
  return detected;
}

std::optional<std::vector<metrics::Detection>> DetectAll(const Network& network,
                                                         const datasets::Dataset& dataset,
                                                         const CategoryMap& categories, ImageCache* cache,
                                                         const DetectOptions& options,
                                                         const std::function<bool()>& stop) {
  std::vector<metrics::Detection> all;
  const auto batch = static_cast<std::size_t>(options.batch);
  for (std::size_t begin = 0; begin < dataset.images.size(); begin += batch) {
    if (stop && stop()) return std::nullopt;
    const std::size_t end = std::min(begin + batch, dataset.images.size());
    std::vector<ScaledImage> images;
    for (std::size_t i = begin; i < end; ++i) images.push_back(cache->Get(dataset.images[i]));
    const auto detected = Detect(network, images, options);
    for (std::size_t i = begin; i < end; ++i) {
      for (const Detected& box : detected[i - begin]) {
        const auto& category = categories.ids[static_cast<std::size_t>(box.label)];
        if (category) all.push_back({dataset.images[i].id, *category, box.box, box.score});
      }
    }
  }
  return all;
}

}  // namespace yoake::trainer
