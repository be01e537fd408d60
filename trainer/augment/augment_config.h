#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/json_reader.h"

namespace yoake::trainer {

using TransformParams = std::map<std::string, double>;

// One input size a step, drawn from multiples of 32; evaluation keeps to input_size.
struct MultiScaleConfig {
  double low = 1;    // Shares of input_size, rounded to multiples of 32.
  double high = 1;   // low = high = 1: always input_size.
  int interval = 1;  // Steps between two draws.
};

// What is done to the training images. Each transform is an object under its name (transforms.h lists them),
// so that every parameter has a dotted path whether a file writes it or not; `order` says what follows what.
struct AugmentConfig {
  AugmentConfig();  // Every transform with its defaults.

  std::vector<std::string> order;  // Each transform at most once. Those that are off may be left out.
  std::map<std::string, TransformParams> transforms;  // All of them, with all of their parameters.
  MultiScaleConfig multi_scale;
  // Last epochs without mosaic, affine, mixup and copy-paste, with the L1 term; at most half of the epochs.
  int no_aug_epochs = 5;
};

// Whether a transform does anything: its prob is above 0, or it has none and a parameter differs from 0.
bool IsOn(const TransformParams& params);

// Strict, as ParseTrainConfig; a key of an older version is told its new name.
AugmentConfig ParseAugment(const JsonReader& reader);

// Throws Error{kConfig} at the dotted path, e.g. "augment.mosaic.scale_high".
void Validate(const AugmentConfig& augment);

nlohmann::json ToJson(const AugmentConfig& augment);

}  // namespace yoake::trainer
