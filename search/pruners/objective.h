#pragma once

#include <cstddef>
#include <string>

#include "search/history.h"

namespace yoake {
class JsonReader;
}

namespace yoake::search {

// Which objective the trials' reports are values of: its name in the study ("mAP") or its place ("0"); empty
// means the only one. Throws Error{kConfig} for one that the study does not have, and for an empty one when
// there are several.
std::size_t ObjectiveIndex(const History& history, const std::string& objective);
Direction ObjectiveDirection(const History& history, const std::string& objective);

// The option "objective" of every pruner that compares: a name, or a place as a number.
void ReadObjective(const JsonReader& reader, std::string* objective);

// Strictly; false when either is NaN.
bool IsWorse(double value, double than, Direction direction);

}  // namespace yoake::search
