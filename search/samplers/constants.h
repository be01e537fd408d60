#pragma once

#include <cmath>
#include <limits>
#include <numbers>

namespace yoake::search {

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kAbsent =
    std::numeric_limits<double>::quiet_NaN();                            // A parameter that a trial has not.
inline const double kLogSqrt2Pi = 0.5 * std::log(2 * std::numbers::pi);  // Of the normal density.

}  // namespace yoake::search
