#pragma once

namespace yoake::search {

// For Validate() of options structs: throw Error{kConfig} naming the field, its value and the range.
void RequireAtLeast(const char* field, int value, int least);
void RequireAbove(const char* field, double value, double bound);  // NaN fails.

}  // namespace yoake::search
