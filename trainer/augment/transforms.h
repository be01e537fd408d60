#pragma once

#include <string>
#include <vector>

#include "trainer/augment/transform.h"

namespace yoake::trainer {

// Several images in one.
TransformType MosaicType();
TransformType CopyPasteType();
TransformType MixUpType();

// Where things are.
TransformType AffineType();
TransformType CropType();
TransformType FlipType();
TransformType VerticalFlipType();

// How they look.
TransformType HsvType();
TransformType HsvShiftType();
TransformType GreyType();
TransformType InvertPolarityType();
TransformType GainType();
TransformType HistogramType();
TransformType NoiseType();

// All of them in their default order: a new transform is a file and a line there (transforms.cc).
const std::vector<TransformType>& AllTransformTypes();
const TransformType& FindTransformType(const std::string& name);  // Throws Error{kInternal} for another name.
std::vector<std::string> TransformNames();
TransformParams DefaultParams(const TransformType& type);

}  // namespace yoake::trainer
