#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "search/history.h"

namespace yoake::search {

// best[i]: the best value among the first i + 1 trials that came to a result (complete or pruned, by number);
// nullopt before the first complete one. Pruned trials only count: they have shown that they are no better.
std::vector<std::optional<double>> BestSoFar(const History& history, const std::string& objective);

}  // namespace yoake::search
