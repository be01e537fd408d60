#pragma once

#include <map>
#include <string>
#include <vector>

#include "search/distribution.h"

namespace yoake::search {

// One parameter of a space. It exists in a trial only when every parameter named in `when` exists there and
// has one of the listed choices; an empty `when` is always met.
struct SpaceEntry {
  std::string name;
  Distribution distribution;
  std::map<std::string, std::vector<Choice>> when;
};

// A conditional search space, in an order in which every parameter comes after those its condition names.
class SearchSpace {
 public:
  // Keeps the given order but for parameters that must wait for a parent. Throws Error{kConfig} for a name
  // that stands twice, an invalid distribution, an unknown or cyclic condition, one on a parameter that is
  // not categorical, or one on a value that is no choice of its parent.
  explicit SearchSpace(std::vector<SpaceEntry> entries);
  SearchSpace() = default;

  const std::vector<SpaceEntry>& entries() const { return entries_; }
  const SpaceEntry* Find(const std::string& name) const;

  // Whether `entry` exists in a trial whose earlier parameters are `params`.
  static bool IsActive(const SpaceEntry& entry, const ParamSet& params);

  bool has_conditions() const;

 private:
  std::vector<SpaceEntry> entries_;
};

// {"optimizer.lr": {"type":"float",...}, "loss.cls.gamma": {..., "when": {"loss.cls.type": ["FocalLoss"]}}}.
SearchSpace ParseSearchSpace(const JsonReader& reader);

}  // namespace yoake::search
