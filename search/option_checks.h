#pragma once

#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::search {

// For Validate() of options structs: throw Error{kConfig} naming the field, its value and the range.
void RequireAtLeast(const char* field, int value, int least);
void RequireAbove(const char* field, double value, double bound);              // NaN fails.
void RequireWithin(const char* field, double value, double low, double high);  // Ends included; NaN fails.

// make(); what it finds wrong is said of the reader's place in the file.
template <typename Make>
auto Checked(const JsonReader& reader, Make make) -> decltype(make()) {
  try {
    return make();
  } catch (const Error& error) {
    reader.Fail(error.message());
  }
}

}  // namespace yoake::search
