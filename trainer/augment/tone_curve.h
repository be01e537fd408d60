#pragma once

#include <array>

#include "trainer/augment/sample.h"

namespace yoake::trainer {

// Level in -> level out, one curve for all channels, so that grey stays grey.
using ToneCurve = std::array<double, 256>;

// Rounds and cuts to 0..255.
void ApplyToneCurve(const ToneCurve& curve, Sample* sample);

}  // namespace yoake::trainer
