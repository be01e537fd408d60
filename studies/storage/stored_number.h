#pragma once

#include <string>

#include "studies/storage/soci.h"

namespace yoake::studies {

// A double as Optuna's value columns hold it: NULL and INF_POS, INF_NEG or NAN beside it, or FINITE.
struct StoredNumber {
  double value = 0;
  soci::indicator present = soci::i_ok;
  std::string type = "FINITE";
};

StoredNumber ToStored(double value);
// Throws Error{kStorage} for an unknown type.
double FromStored(const StoredNumber& stored);

}  // namespace yoake::studies
