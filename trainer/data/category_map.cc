#include "trainer/data/category_map.h"

#include <algorithm>

#include "core/error.h"

namespace yoake::trainer {
namespace {

std::string Quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

}  // namespace

CategoryMap MatchCategories(const std::vector<std::string>& names, const datasets::Dataset& dataset,
                            const std::string& where) {
  CategoryMap map;
  std::vector<std::string> absent;
  std::vector<std::string> theirs;
  for (const datasets::Category& category : dataset.categories) theirs.push_back(category.name);
  for (const std::string& name : names) {
    const auto found = std::find(theirs.begin(), theirs.end(), name);
    if (found == theirs.end()) {
      map.ids.push_back(std::nullopt);
      absent.push_back(name);
    } else {
      map.ids.push_back(dataset.categories[static_cast<std::size_t>(found - theirs.begin())].id);
    }
  }
  if (absent.size() == names.size()) {
    throw Error(ErrorKind::kData,
                "no category has a name that the model knows: it has " + Quoted(theirs) + ", the model " +
                    Quoted(names),
                where);
  }
  std::erase_if(theirs, [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  });
  if (!absent.empty()) {
    map.warnings.push_back(where + ": has no category " + Quoted(absent) +
                           "; its detections are left out there");
  }
  if (!theirs.empty()) {
    map.warnings.push_back(where + ": the model was not trained on " + Quoted(theirs) +
                           "; those boxes count as missed");
  }
  return map;
}

}  // namespace yoake::trainer
