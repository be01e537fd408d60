#include "datasets/stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace yoake::datasets {
namespace {

constexpr double kSmallArea_px = 32.0 * 32.0;
constexpr double kMediumArea_px = 96.0 * 96.0;

void CountBox(const Annotation& annotation, CategoryStats* stats) {
  ++stats->boxes;
  if (annotation.area < kSmallArea_px) {
    ++stats->small;
  } else if (annotation.area < kMediumArea_px) {
    ++stats->medium;
  } else {
    ++stats->large;
  }
}

}  // namespace

DatasetStats ComputeStats(const Dataset& dataset) {
  DatasetStats stats;
  stats.name = dataset.name;
  stats.images = static_cast<std::int64_t>(dataset.images.size());
  stats.annotations = static_cast<std::int64_t>(dataset.annotations.size());
  std::map<CategoryId, std::size_t> row;
  for (const Category& category : dataset.categories) {
    row[category.id] = stats.per_category.size();
    stats.per_category.emplace_back().name = category.name;
  }
  std::vector<std::set<ImageId>> images(stats.per_category.size());
  std::set<ImageId> with_boxes;
  for (const Annotation& annotation : dataset.annotations) {
    const std::size_t k = row.at(annotation.category_id);
    if (annotation.crowd) {
      ++stats.per_category[k].crowds;
      continue;
    }
    CountBox(annotation, &stats.per_category[k]);
    images[k].insert(annotation.image_id);
    with_boxes.insert(annotation.image_id);
  }
  for (std::size_t k = 0; k < images.size(); ++k) {
    stats.per_category[k].images = static_cast<std::int64_t>(images[k].size());
  }
  stats.images_without_boxes = stats.images - static_cast<std::int64_t>(with_boxes.size());
  return stats;
}

nlohmann::json ToJson(const DatasetStats& stats) {
  nlohmann::json json = {{"name", stats.name},
                         {"images", stats.images},
                         {"images_without_boxes", stats.images_without_boxes},
                         {"annotations", stats.annotations},
                         {"per_category", nlohmann::json::array()}};
  for (const CategoryStats& category : stats.per_category) {
    json["per_category"].push_back({{"category", category.name},
                                    {"boxes", category.boxes},
                                    {"images", category.images},
                                    {"small", category.small},
                                    {"medium", category.medium},
                                    {"large", category.large},
                                    {"crowds", category.crowds}});
  }
  return json;
}

std::string ToTable(const DatasetStats& stats) {
  CategoryStats all;
  all.name = "all";
  std::size_t width = std::string("category").size();
  for (const CategoryStats& category : stats.per_category) {
    width = std::max(width, category.name.size());
    all.boxes += category.boxes;
    all.small += category.small;
    all.medium += category.medium;
    all.large += category.large;
    all.crowds += category.crowds;
  }
  all.images = stats.images - stats.images_without_boxes;

  std::string text = fmt::format("{}: {} images ({} without boxes), {} annotations\n\n", stats.name,
                                 stats.images, stats.images_without_boxes, stats.annotations);
  text += fmt::format("{:<{}}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}\n", "category", width, "boxes",
                      "images", "small", "medium", "large", "crowds");
  const auto line = [&](const CategoryStats& row) {
    text += fmt::format("{:<{}}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}\n", row.name, width, row.boxes,
                        row.images, row.small, row.medium, row.large, row.crowds);
  };
  for (const CategoryStats& category : stats.per_category) line(category);
  line(all);
  return text;
}

}  // namespace yoake::datasets
