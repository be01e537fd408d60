#include "studies/dataset_records.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "core/error.h"
#include "core/json_patch.h"
#include "core/json_reader.h"
#include "datasets/read.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;

// One dataset in one role, and who uses it.
struct Use {
  std::string role;
  std::string test;  // Name of the test set.
  json spec;
  std::vector<const Combination*> users;
};

void Add(const std::string& role, const std::string& test, const json& spec, const Combination& user,
         std::vector<Use>* uses) {
  const auto same = std::find_if(uses->begin(), uses->end(), [&](const Use& use) {
    return use.role == role && use.test == test && use.spec == spec;
  });
  if (same != uses->end()) {
    same->users.push_back(&user);
  } else {
    uses->push_back({role, test, spec, {&user}});
  }
}

std::vector<Use> CollectUses(const std::vector<Combination>& combinations) {
  std::vector<Use> uses;
  for (const char* role : {"train", "val"}) {
    for (const Combination& combination : combinations) {
      const json* spec = FindPath(combination.config, std::string("data.") + role);
      if (spec != nullptr && !spec->is_null()) Add(role, "", *spec, combination, &uses);
    }
  }
  for (const Combination& combination : combinations) {
    const json* tests = FindPath(combination.config, "tests");
    if (tests == nullptr || !tests->is_object()) continue;
    for (const auto& [name, spec] : tests->items()) Add("test", name, spec, combination, &uses);
  }
  return uses;
}

// The levels that all users of a dataset share and not every combination has: "relabelled".
std::string SharedLevels(const Use& use, const std::vector<Combination>& combinations) {
  std::string levels;
  for (const auto& [factor, level] : use.users.front()->variant) {
    const auto has_level = [&, &factor = factor, &level = level](const Combination& combination) {
      return combination.variant.at(factor) == level;
    };
    const bool shared = std::all_of(use.users.begin(), use.users.end(),
                                    [&](const Combination* user) { return has_level(*user); });
    const bool everywhere = std::all_of(combinations.begin(), combinations.end(), has_level);
    if (shared && !everywhere) levels += (levels.empty() ? "" : " / ") + level;
  }
  return levels;
}

std::string FileNames(const datasets::DatasetSpec& spec) {
  std::string names;
  for (const auto& file : spec.annotations) names += (names.empty() ? "" : ", ") + file.filename().string();
  return names;
}

json Describe(const Use& use, const std::string& where) {
  const datasets::DatasetSpec spec = datasets::ParseDatasetSpec(JsonReader(use.spec, "study", where), "");
  const datasets::Dataset dataset = datasets::ReadDataset(spec);
  return {{"name", dataset.name},
          {"file", FileNames(spec)},
          {"sha256", datasets::DatasetHash(spec)},
          {"images", dataset.images.size()},
          {"annotations", dataset.annotations.size()}};
}

json Unknown(const Use& use) {
  const std::string name = use.spec.is_string() ? use.spec.get<std::string>() : use.spec.dump();
  return {{"name", name}, {"file", name}, {"sha256", ""}, {"images", nullptr}, {"annotations", nullptr}};
}

}  // namespace

json DescribeDatasets(const std::vector<Combination>& combinations, bool must_read_all) {
  json records = json::array();
  for (const Use& use : CollectUses(combinations)) {
    const bool test = use.role == "test";
    const std::string where = test ? "$.tests." + use.test : "$.data." + use.role;
    json record;
    try {
      record = Describe(use, where);
    } catch (const Error& error) {
      // A file that cannot be opened was named wrongly here.
      const ErrorKind kind = error.kind() == ErrorKind::kIo ? ErrorKind::kConfig : error.kind();
      if (test || must_read_all) throw Error(kind, error.what(), where);
      record = Unknown(use);
    }
    record["role"] = use.role;
    record["variant"] = test ? use.test : SharedLevels(use, combinations);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace yoake::studies
