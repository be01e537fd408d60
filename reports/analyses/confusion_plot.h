#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "metrics/analyses/confusion.h"

namespace yoake::reports {

inline constexpr std::size_t kPlottedCategories = 24;

// A heat map of the matrix's rows and columns of `categories` (positions, at most kPlottedCategories),
// background last: the number in a cell is the count, its shade the share of its row.
std::string ConfusionSvg(const metrics::ConfusionMatrix& matrix, const std::vector<std::string>& names,
                         const std::vector<std::size_t>& categories, const std::string& where);

}  // namespace yoake::reports
