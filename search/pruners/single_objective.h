#pragma once

#include "search/history.h"

namespace yoake::search {

// The study's only direction. Throws Error{kConfig} with several: a trial's reports are of one value.
Direction SingleDirection(const History& history);

// Strictly; false when either is NaN.
bool IsWorse(double value, double than, Direction direction);

}  // namespace yoake::search
