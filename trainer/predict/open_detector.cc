#include "trainer/predict/open_detector.h"

#include <memory>
#include <opencv2/core/utility.hpp>

#include "trainer/onnx/onnx_network.h"

namespace yoake::trainer {

OpenedDetector OpenDetector(const std::filesystem::path& file, c10::Device device, int threads) {
  if (file.extension() != ".onnx") {
    const TrainedModel trained = LoadTrainedModel(file, device);
    return {trained.card, Evaluating(trained.model)};
  }
  cv::setNumThreads(threads);
  const auto network = std::make_shared<OnnxNetwork>(OnnxNetwork::Open(file));
  return {network->card(), [network](const at::Tensor& images) { return network->Run(images.cpu()); }};
}

}  // namespace yoake::trainer
