#pragma once

#include <string>
#include <vector>

#include "trainer/run/results_csv.h"

namespace yoake::trainer {

// A run's page, results.svg: small panels over the epochs for the losses, the metrics of data.val, learning
// rate, loss balance, speed and memory. The horizontal axes reach to `epochs`, so that what is still to come
// is seen. `title` names the run. Well-formed for any rows, none too.
std::string ResultsSvg(const std::string& title, const std::vector<EpochRow>& rows, int epochs);

}  // namespace yoake::trainer
