#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "studies/variants.h"

namespace yoake::studies {

// Every dataset the combinations train on, validate on or are tested on, once: {"role": "train|val|test",
// "variant": levels that use it alone or the test's name, "name", "file", "sha256", "images", "annotations"}.
// Throws Error naming file and place for a dataset that cannot be read; unless `must_read_all` a training or
// validation set of another trainer may be in a form we do not know, and then has no numbers (null).
nlohmann::json DescribeDatasets(const std::vector<Combination>& combinations, bool must_read_all);

}  // namespace yoake::studies
