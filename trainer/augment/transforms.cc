#include "trainer/augment/transforms.h"

#include "core/error.h"

namespace yoake::trainer {

const std::vector<TransformType>& AllTransformTypes() {
  static const std::vector<TransformType> kTypes = {
      MosaicType(),    CopyPasteType(), AffineType(), MixUpType(),          CropType(),
      HsvType(),       HsvShiftType(),  GreyType(),   InvertPolarityType(), GainType(),
      HistogramType(), NoiseType(),     FlipType(),   VerticalFlipType(),
  };
  return kTypes;
}

const TransformType& FindTransformType(const std::string& name) {
  for (const TransformType& type : AllTransformTypes()) {
    if (type.name == name) return type;
  }
  throw Error(ErrorKind::kInternal, "no transform '" + name + "'", "augment");
}

std::vector<std::string> TransformNames() {
  std::vector<std::string> names;
  for (const TransformType& type : AllTransformTypes()) names.push_back(type.name);
  return names;
}

TransformParams DefaultParams(const TransformType& type) {
  TransformParams params;
  for (const TransformParam& param : type.params) params[param.name] = param.value;
  return params;
}

}  // namespace yoake::trainer
