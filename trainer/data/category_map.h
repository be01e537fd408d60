#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace yoake::trainer {

// The model's labels in another dataset, matched by name (exactly): sets number their categories differently.
struct CategoryMap {
  std::vector<std::optional<datasets::CategoryId>> ids;  // Label -> that dataset's id.
  std::vector<std::string> warnings;                     // Names that stand on one side only.
};

// `where` names the dataset in warnings, e.g. "tests.night". Throws Error{kData, where} when no name matches.
CategoryMap MatchCategories(const std::vector<std::string>& names, const datasets::Dataset& dataset,
                            const std::string& where);

}  // namespace yoake::trainer
