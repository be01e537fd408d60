#pragma once

#include <string>
#include <vector>

namespace yoake::trainer {

// What a configuration's values must be. `field` is the dotted path that messages name; all throw
// Error{kConfig}.
[[noreturn]] void FailField(const std::string& field, const std::string& message);
void RequireIn(const std::string& field, double value, double low, double high);
void RequirePositive(const std::string& field, double value);
void RequireAtLeast(const std::string& field, double value, double low);
void RequireName(const std::string& field, const std::string& value, const std::vector<std::string>& known);

}  // namespace yoake::trainer
