#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "trainer/weights/trained_model.h"

namespace yoake::trainer {

// A model that yoake exported, run by OpenCV's DNN on the CPU: needs no LibTorch to compute, and reads what
// other programs will read. Not thread-safe; computes with the threads of cv::setNumThreads.
class OnnxNetwork {
 public:
  // The bytes of a file; `where` names it. Throws Error{kData} for what is no ONNX, is not yoake's (no model
  // card in its metadata) or has parts that OpenCV cannot read.
  OnnxNetwork(const std::string& file, const std::string& where);

  static OnnxNetwork Open(const std::filesystem::path& path);

  OnnxNetwork(OnnxNetwork&&) noexcept;
  ~OnnxNetwork();

  const ModelCard& card() const { return card_; }      // config.input_size is the model's.
  std::optional<int> batch() const { return batch_; }  // Images a run; absent: any number.

  // images: [B, 3, S, S] as ImageTensor makes them, any B. Returns [B, A, 5 + nc] as Decode does.
  at::Tensor Run(const at::Tensor& images);

 private:
  struct Net;

  ModelCard card_;
  std::optional<int> batch_;
  bool decoded_ = true;
  std::string where_;
  std::unique_ptr<Net> net_;
};

}  // namespace yoake::trainer
