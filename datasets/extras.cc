#include "datasets/extras.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json_scanner.h"

namespace yoake::datasets {
namespace {

using Members = std::set<std::string, std::less<>>;

const Members kImageMembers = {"id", "file_name", "width", "height", "source"};
const Members kAnnotationMembers = {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "ignore"};

// The text of each element without these members: `"score": 0.7, "video": 3`.
std::vector<std::string> ExtrasOf(const TextFile& file, const Members& without, JsonScanner* scanner) {
  std::vector<std::string> all;
  for (scanner->BeginArray(); scanner->NextElement();) {
    std::string extras;
    scanner->BeginObject();
    for (std::string_view key; scanner->NextKey(&key);) {
      const std::size_t begin = scanner->offset();
      if (without.contains(key)) {
        scanner->Skip();
        continue;
      }
      const std::string name = nlohmann::json(key).dump();
      scanner->Skip();
      const std::string_view value = file.text().substr(begin, scanner->offset() - begin);
      if (!nlohmann::json::accept(value)) {
        throw Error(ErrorKind::kData, "the value of " + name + " is no JSON",
                    file.name() + ": " + JsonPath(file.text(), begin));
      }
      extras.append(extras.empty() ? "" : ", ").append(name).append(": ").append(value);
    }
    all.push_back(std::move(extras));
  }
  return all;
}

}  // namespace

void ReadExtras(const TextFile& file, Dataset* dataset) {
  JsonScanner scanner(file);
  scanner.BeginObject();
  for (std::string_view key; scanner.NextKey(&key);) {
    if (key == "images") {
      dataset->image_extras = ExtrasOf(file, kImageMembers, &scanner);
    } else if (key == "annotations") {
      dataset->annotation_extras = ExtrasOf(file, kAnnotationMembers, &scanner);
    } else {
      scanner.Skip();
    }
  }
}

}  // namespace yoake::datasets
