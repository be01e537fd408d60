#pragma once

#include <c10/core/Device.h>

#include <filesystem>

#include "trainer/predict/detector.h"
#include "trainer/weights/trained_model.h"

namespace yoake::trainer {

// A trained model that is ready to look at images, and what it knows of itself.
struct OpenedDetector {
  ModelCard card;
  Network network;
};

// A checkpoint of yoake, or a .onnx file of `export`, which OpenCV runs on the CPU with `threads` threads.
OpenedDetector OpenDetector(const std::filesystem::path& file, c10::Device device, int threads);

}  // namespace yoake::trainer
