#include "datasets/variants.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/rng.h"

namespace yoake::datasets {
namespace {

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Every category name once, in order of appearance.
std::vector<Category> MatchCategories(const std::vector<Dataset>& parts) {
  std::vector<Category> matched;
  std::map<std::string, std::string> spelling;  // Lower case -> as written first.
  std::map<std::string, CategoryId> id_of;
  bool agree = true;
  std::map<CategoryId, std::string> name_of;
  for (const Dataset& part : parts) {
    for (const Category& category : part.categories) {
      const auto [spelt, unseen] = spelling.emplace(LowerCase(category.name), category.name);
      if (!unseen && spelt->second != category.name) {
        throw Error(ErrorKind::kData,
                    fmt::format("the categories '{}' and '{}' differ in case alone; give them one spelling",
                                spelt->second, category.name),
                    part.sources.empty() ? part.name : part.sources.front());
      }
      agree &= id_of.emplace(category.name, category.id).first->second == category.id;
      agree &= name_of.emplace(category.id, category.name).first->second == category.name;
      if (unseen) matched.push_back(category);
    }
  }
  if (!agree) {
    for (std::size_t i = 0; i < matched.size(); ++i) {
      matched[i].id = CategoryId{static_cast<std::int64_t>(i) + 1};
    }
  }
  return matched;
}

void RejectSharedImages(const std::vector<Dataset>& parts) {
  std::map<std::filesystem::path, const Dataset*> seen;
  for (const Dataset& part : parts) {
    for (const Image& image : part.images) {
      if (image.path.empty()) continue;
      const auto [found, unseen] = seen.emplace(image.path.lexically_normal(), &part);
      if (unseen || found->second == &part) continue;
      throw Error(
          ErrorKind::kData,
          fmt::format("the image {} stands in two of the united sets ('{}' and '{}'); its boxes would "
                      "count twice, leave one out",
                      image.path.string(), found->second->name, part.name),
          part.sources.empty() ? part.name : part.sources.front());
    }
  }
}

// Appends one part under new ids.
void Append(const Dataset& part, const std::map<std::string, CategoryId>& id_of, Dataset* united) {
  const int first_source = static_cast<int>(united->sources.size());
  united->sources.insert(united->sources.end(), part.sources.begin(), part.sources.end());
  std::unordered_map<std::int64_t, ImageId> new_image_id;
  for (Image image : part.images) {
    const ImageId id{static_cast<std::int64_t>(united->images.size()) + 1};
    new_image_id.emplace(static_cast<std::int64_t>(image.id), id);
    image.id = id;
    image.source += first_source;
    united->images.push_back(std::move(image));
  }
  std::map<CategoryId, CategoryId> new_category_id;
  for (const Category& category : part.categories) {
    new_category_id[category.id] = id_of.at(category.name);
  }
  for (Annotation annotation : part.annotations) {
    annotation.id = AnnotationId{static_cast<std::int64_t>(united->annotations.size()) + 1};
    annotation.image_id = new_image_id.at(static_cast<std::int64_t>(annotation.image_id));
    annotation.category_id = new_category_id.at(annotation.category_id);
    united->annotations.push_back(annotation);
  }
  const auto append = [](const auto& of_part, auto* of_united) {
    of_united->insert(of_united->end(), of_part.begin(), of_part.end());
  };
  append(part.masks, &united->masks);
  append(part.image_extras, &united->image_extras);
  append(part.annotation_extras, &united->annotation_extras);
}

// The elements of `all`, which is parallel to `list` or empty, where `keep(list[i])`.
template <typename T, typename Of, typename Keep>
std::vector<T> Kept(const std::vector<T>& all, const std::vector<Of>& list, const Keep& keep) {
  std::vector<T> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (keep(list[i])) kept.push_back(all[i]);
  }
  return kept;
}

template <typename Keep>
void KeepImages(const Keep& keep, Dataset* dataset) {
  dataset->image_extras = Kept(dataset->image_extras, dataset->images, keep);
  dataset->images = Kept(dataset->images, dataset->images, keep);
}

template <typename Keep>
void KeepAnnotations(const Keep& keep, Dataset* dataset) {
  dataset->masks = Kept(dataset->masks, dataset->annotations, keep);
  dataset->annotation_extras = Kept(dataset->annotation_extras, dataset->annotations, keep);
  dataset->annotations = Kept(dataset->annotations, dataset->annotations, keep);
}

// The groups' images, by group key and then file name.
std::map<std::string, std::vector<ImageId>> Groups(const Dataset& dataset, const SplitOptions& options) {
  std::map<std::string, std::vector<ImageId>> groups;
  if (options.group_pattern.empty()) {
    // The id keeps two images of one file name apart.
    for (const Image& image : dataset.images) {
      groups[fmt::format("{}\n{}", image.file_name, static_cast<std::int64_t>(image.id))] = {image.id};
    }
    return groups;
  }
  const std::regex pattern(options.group_pattern);
  for (const Image& image : dataset.images) {
    std::smatch match;
    if (!std::regex_search(image.file_name, match, pattern)) {
      throw Error(ErrorKind::kData,
                  fmt::format("the file name '{}' (image id {}) does not match the group pattern '{}'",
                              image.file_name, static_cast<std::int64_t>(image.id), options.group_pattern),
                  dataset.name);
    }
    groups[match.size() > 1 ? match.str(1) : match.str(0)].push_back(image.id);
  }
  return groups;
}

std::set<ImageId> DrawValidation(const Dataset& dataset, const SplitOptions& options) {
  const auto groups = Groups(dataset, options);
  if (groups.size() < 2) {
    throw Error(
        ErrorKind::kData,
        fmt::format("a split needs at least two groups of images, this dataset has {}", groups.size()),
        dataset.name);
  }
  std::vector<const std::vector<ImageId>*> order;
  for (const auto& [key, images] : groups) order.push_back(&images);
  RandomStream(options.seed).Split("split").Shuffle(order);

  const double wanted = options.val_share * static_cast<double>(dataset.images.size());
  std::set<ImageId> val;
  std::size_t taken = 0;
  for (const auto* images : order) {
    if (taken + 1 == order.size()) break;
    const double now = static_cast<double>(val.size());
    const double then = now + static_cast<double>(images->size());
    if (taken > 0 && std::abs(then - wanted) > std::abs(now - wanted)) break;
    val.insert(images->begin(), images->end());
    ++taken;
  }
  return val;
}

Dataset Side(Dataset side, const std::set<ImageId>& val, bool is_val) {
  side.name += is_val ? "_val" : "_train";
  KeepImages([&](const Image& image) { return val.contains(image.id) == is_val; }, &side);
  KeepAnnotations([&](const Annotation& a) { return val.contains(a.image_id) == is_val; }, &side);
  return side;
}

}  // namespace

Dataset Union(std::vector<Dataset> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  RejectSharedImages(parts);
  Dataset united;
  united.categories = MatchCategories(parts);
  std::map<std::string, CategoryId> id_of;
  for (const Category& category : united.categories) id_of[category.name] = category.id;
  for (const Dataset& part : parts) {
    united.name += (united.name.empty() ? "" : "+") + part.name;
    Append(part, id_of, &united);
  }
  return united;
}

Dataset KeepCategories(Dataset dataset, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Category& category : dataset.categories) known.push_back(category.name);
  std::vector<Category> kept;
  std::set<CategoryId> ids;
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      throw Error(ErrorKind::kData, fmt::format("there is no category '{}'{}", name, DidYouMean(name, known)),
                  dataset.name);
    }
    kept.push_back(dataset.categories[static_cast<std::size_t>(found - known.begin())]);
    if (!ids.insert(kept.back().id).second) {
      throw Error(ErrorKind::kData, fmt::format("the category '{}' is named twice", name), dataset.name);
    }
  }
  dataset.categories = std::move(kept);
  KeepAnnotations([&](const Annotation& a) { return ids.contains(a.category_id); }, &dataset);
  return dataset;
}

void SplitOptions::Validate() const {
  if (!(val_share > 0 && val_share < 1)) {
    throw Error(ErrorKind::kConfig, fmt::format("val_share must lie between 0 and 1, got {}", val_share));
  }
  try {
    const std::regex pattern(group_pattern);
  } catch (const std::regex_error& error) {
    throw Error(ErrorKind::kConfig, fmt::format("group_pattern '{}' is not a regular expression: {}",
                                                group_pattern, error.what()));
  }
}

SplitResult Split(const Dataset& dataset, const SplitOptions& options) {
  options.Validate();
  const std::set<ImageId> val = DrawValidation(dataset, options);
  return {Side(dataset, val, false), Side(dataset, val, true)};
}

}  // namespace yoake::datasets
