#include "trainer/config/require.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake::trainer {

void FailField(const std::string& field, const std::string& message) {
  throw Error(ErrorKind::kConfig, message, field);
}

void RequireIn(const std::string& field, double value, double low, double high) {
  if (value >= low && value <= high) return;
  FailField(field, fmt::format("must lie in [{:g}, {:g}], got {:g}", low, high, value));
}

void RequirePositive(const std::string& field, double value) {
  if (!(value > 0)) FailField(field, fmt::format("must be greater than 0, got {:g}", value));
}

void RequireAtLeast(const std::string& field, double value, double low) {
  if (!(value >= low)) FailField(field, fmt::format("must be at least {:g}, got {:g}", low, value));
}

void RequireName(const std::string& field, const std::string& value, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  FailField(field, "unknown value '" + value + "'" + DidYouMean(value, known));
}

}  // namespace yoake::trainer
