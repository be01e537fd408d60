#pragma once

#include <cstdint>

#include "core/rng.h"
#include "trainer/augment/augment_config.h"
#include "trainer/augment/sample.h"

namespace yoake::trainer {

// The input size of a step of the run (from 0): a multiple of 32, uniform in the configured range. A pure
// function of the run's stream and the step, so that a resumed run goes on with the same sizes.
int InputSizeAt(const MultiScaleConfig& scale, int input_size, const RandomStream& run, std::int64_t step);

// The finished square made larger or smaller, its boxes with it.
void ResizeSquare(int size, Sample* sample);

}  // namespace yoake::trainer
