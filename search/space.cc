#include "search/space.h"

#include <algorithm>
#include <set>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::search {
namespace {

[[noreturn]] void Fail(const SpaceEntry& entry, const std::string& message) {
  throw Error(ErrorKind::kConfig, message, "the space's parameter '" + entry.name + "'");
}

bool IsChoiceOf(const CategoricalDistribution& parent, const Choice& choice) {
  return std::find(parent.choices.begin(), parent.choices.end(), choice) != parent.choices.end();
}

std::string Listed(const CategoricalDistribution& parent, const Choice& choice) {
  std::vector<std::string> words;
  for (const Choice& known : parent.choices) words.push_back(ToJson(known).dump());
  return DidYouMean(ToJson(choice).dump(), words);
}

void CheckCondition(const std::vector<SpaceEntry>& entries, const SpaceEntry& entry) {
  for (const auto& [name, choices] : entry.when) {
    const std::string& parent_name = name;  // A lambda may not capture a structured binding in clang 14.
    const auto parent = std::find_if(entries.begin(), entries.end(),
                                     [&](const SpaceEntry& e) { return e.name == parent_name; });
    if (parent == entries.end()) {
      std::vector<std::string> names;
      for (const SpaceEntry& e : entries) {
        if (e.name != entry.name) names.push_back(e.name);
      }
      Fail(entry, "'when' names '" + parent_name + "', which is no parameter of the space" +
                      DidYouMean(parent_name, names));
    }
    const auto* categorical = std::get_if<CategoricalDistribution>(&parent->distribution);
    if (categorical == nullptr) {
      Fail(entry,
           "'when' names '" + parent_name + "', which is not categorical; only choices can be conditions");
    }
    if (choices.empty()) Fail(entry, "'when' lists no choice of '" + parent_name + "'; it would never exist");
    for (const Choice& choice : choices) {
      if (IsChoiceOf(*categorical, choice)) continue;
      Fail(entry, "'when' lists " + ToJson(choice).dump() + ", which is no choice of '" + parent_name + "'" +
                      Listed(*categorical, choice));
    }
  }
}

// Takes, again and again, the first entry whose parents have all been taken.
std::vector<SpaceEntry> ParentsFirst(std::vector<SpaceEntry> entries) {
  std::vector<SpaceEntry> ordered;
  std::set<std::string> placed;
  while (!entries.empty()) {
    const auto ready = std::find_if(entries.begin(), entries.end(), [&](const SpaceEntry& entry) {
      return std::all_of(entry.when.begin(), entry.when.end(),
                         [&](const auto& condition) { return placed.contains(condition.first); });
    });
    if (ready == entries.end())
      Fail(entries.front(), "its condition depends, in a circle, on the parameter itself");
    placed.insert(ready->name);
    ordered.push_back(std::move(*ready));
    entries.erase(ready);
  }
  return ordered;
}

SpaceEntry ParseEntry(const std::string& name, const JsonReader& reader) {
  SpaceEntry entry{name, ParseDistribution(reader), {}};
  if (const auto when = reader.Find("when")) {
    for (const auto& [parent, choices] : when->AsMap()) {
      std::vector<Choice>& listed = entry.when[parent];
      for (const JsonReader& choice : choices.AsArray()) {
        if (choice.value().is_structured())
          choice.Fail("expected a choice: null, true, false, a number or a string");
        listed.push_back(ChoiceFromJson(choice.value()));
      }
    }
  }
  reader.Finish();
  return entry;
}

}  // namespace

SearchSpace::SearchSpace(std::vector<SpaceEntry> entries) {
  std::set<std::string> names;
  for (const SpaceEntry& entry : entries) {
    if (!names.insert(entry.name).second) Fail(entry, "it stands twice in the space");
    try {
      Validate(entry.distribution);
    } catch (const Error& error) {
      Fail(entry, error.message());
    }
  }
  for (const SpaceEntry& entry : entries) CheckCondition(entries, entry);
  entries_ = ParentsFirst(std::move(entries));
}

const SpaceEntry* SearchSpace::Find(const std::string& name) const {
  for (const SpaceEntry& entry : entries_) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

bool SearchSpace::IsActive(const SpaceEntry& entry, const ParamSet& params) {
  for (const auto& [parent_name, choices] : entry.when) {
    const auto parent = params.find(parent_name);
    if (parent == params.end()) return false;
    const auto& categorical = std::get<CategoricalDistribution>(parent->second.distribution);
    const Choice& chosen = categorical.choices.at(static_cast<std::size_t>(parent->second.internal));
    if (std::find(choices.begin(), choices.end(), chosen) == choices.end()) return false;
  }
  return true;
}

bool SearchSpace::has_conditions() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const SpaceEntry& entry) { return !entry.when.empty(); });
}

SearchSpace ParseSearchSpace(const JsonReader& reader) {
  std::vector<SpaceEntry> entries;
  for (const auto& [name, parameter] : reader.AsMap()) entries.push_back(ParseEntry(name, parameter));
  try {
    return SearchSpace(std::move(entries));
  } catch (const Error& error) {
    throw Error(error.kind(), error.where() + ": " + error.message(), reader.where());
  }
}

}  // namespace yoake::search
