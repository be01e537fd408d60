#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/did_you_mean.h"
#include "core/json_reader.h"

namespace yoake::search {

// One line of the table of samplers, pruners or terminators.
template <typename T>
struct NamedType {
  const char* name;
  std::unique_ptr<T> (*make)(const JsonReader& options);
};

template <typename T, std::size_t n>
std::vector<std::string> NamesOf(const std::array<NamedType<T>, n>& types) {
  std::vector<std::string> names;
  for (const NamedType<T>& type : types) names.emplace_back(type.name);
  return names;
}

// Makes what {"type": NAME, further options} or "NAME" alone asks for; `kind` is its word in messages.
template <typename T, std::size_t n>
std::unique_ptr<T> MakeNamed(const std::array<NamedType<T>, n>& types, const std::string& kind,
                             const JsonReader& reader) {
  const bool bare = reader.value().is_string();
  const nlohmann::json of_bare = {{"type", reader.value()}};
  const JsonReader options(bare ? of_bare : reader.value(), reader.source(), reader.path());
  const JsonReader type = options.At("type");
  const std::string name = type.AsString();
  for (const NamedType<T>& known : types) {
    if (name == known.name) return known.make(options);
  }
  type.Fail("unknown " + kind + " '" + name + "'" + DidYouMean(name, NamesOf(types)));
}

}  // namespace yoake::search
