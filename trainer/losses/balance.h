#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <vector>

#include "trainer/losses/loss_config.h"

namespace yoake::trainer {

// What each term of the loss pulls with at the features that all of them share: its gradient's norm over the
// head's input maps, as a share of the sum of all terms' norms. A box loss of 0.9 drowns the rest. All 0
// where nothing pulls. Costs about one pass back through the head a term; the graph stays usable.
std::map<LossRole, double> GradientShares(const std::map<LossRole, at::Tensor>& parts,
                                          const std::vector<at::Tensor>& features);

}  // namespace yoake::trainer
