#include "studies/storage/stored_number.h"

#include <cmath>
#include <limits>

#include "core/error.h"

namespace yoake::studies {

StoredNumber ToStored(double value) {
  if (std::isnan(value)) return {0, soci::i_null, "NAN"};
  if (std::isinf(value)) return {0, soci::i_null, value > 0 ? "INF_POS" : "INF_NEG"};
  return {value, soci::i_ok, "FINITE"};
}

double FromStored(const StoredNumber& stored) {
  if (stored.type == "FINITE" && stored.present == soci::i_ok) return stored.value;
  if (stored.type == "INF_POS") return std::numeric_limits<double>::infinity();
  if (stored.type == "INF_NEG") return -std::numeric_limits<double>::infinity();
  if (stored.type == "NAN") return std::numeric_limits<double>::quiet_NaN();
  throw Error(ErrorKind::kStorage, "a value of the type '" + stored.type + "' without a number");
}

}  // namespace yoake::studies
