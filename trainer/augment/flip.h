#pragma once

#include "trainer/augment/sample.h"

namespace yoake::trainer {

// Mirrors left and right. Its own inverse. Never writes into the given pixels (they may be shared).
void FlipHorizontally(Sample* sample);

}  // namespace yoake::trainer
