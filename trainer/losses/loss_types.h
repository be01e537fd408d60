#pragma once

#include "trainer/losses/loss_type.h"

namespace yoake::trainer {

// Classes and objectness.
LossType CrossEntropyType();
LossType FocalType();
LossType QualityFocalType();
LossType VarifocalType();
LossType AsymmetricType();
LossType EqualizationType();
LossType GradientHarmonizedType();

// Boxes.
LossType IouType();
LossType GiouType();
LossType DiouType();
LossType CiouType();
LossType ExtendedIouType();
LossType EfficientIouType();
LossType ScyllaIouType();
LossType AlphaIouType();
LossType WassersteinType();
LossType MinPointsDistanceType();
LossType L1Type();
LossType SmoothL1Type();

// The user's own.
LossType ExpressionType();

}  // namespace yoake::trainer
