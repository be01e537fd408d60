#include "metrics/matching/evaluation_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"

namespace yoake::metrics {
namespace {

constexpr std::size_t kItemsATask = 1 << 16;

template <typename Items>
IdIndex IndexOf(const Items& items) {
  std::vector<std::int64_t> ids;
  ids.reserve(items.size());
  for (const auto& item : items) ids.push_back(static_cast<std::int64_t>(item.id));
  return IdIndex(std::move(ids));
}

// All items, or those of the `chosen` ids.
template <typename Items, typename Id>
IdIndex ChosenIndex(const Items& items, const std::vector<Id>& chosen, const char* what) {
  IdIndex all = IndexOf(items);
  if (chosen.empty()) return all;
  std::vector<std::int64_t> ids;
  for (const Id id : chosen) {
    ids.push_back(static_cast<std::int64_t>(id));
    if (all.Find(ids.back()) != kNoPosition) continue;
    throw Error(ErrorKind::kUsage, fmt::format("the truth has no {} of id {}", what, ids.back()));
  }
  return IdIndex(std::move(ids));
}

std::vector<const datasets::Category*> InOrder(const std::vector<datasets::Category>& categories,
                                               const IdIndex& index) {
  std::vector<const datasets::Category*> sorted(index.size());
  for (const datasets::Category& category : categories) {
    const std::uint32_t position = index.Find(static_cast<std::int64_t>(category.id));
    if (position != kNoPosition) sorted[position] = &category;
  }
  return sorted;
}

// keys[i] for every item, looked up by many threads; check(i, key) may throw.
template <typename Items, typename Check>
std::vector<CellKey> KeysOf(const Items& items, const IdIndex& categories, const IdIndex& images, int threads,
                            Check check) {
  std::vector<CellKey> keys(items.size());
  ParallelFor((items.size() + kItemsATask - 1) / kItemsATask, threads, [&](std::size_t task) {
    const std::size_t end = std::min(items.size(), (task + 1) * kItemsATask);
    for (std::size_t i = task * kItemsATask; i < end; ++i) {
      keys[i].category = categories.Find(static_cast<std::int64_t>(items[i].category_id));
      keys[i].image = images.Find(static_cast<std::int64_t>(items[i].image_id));
      check(i, keys[i]);
    }
  });
  return keys;
}

bool IsFinite(const Detection& detection) {
  const Box& box = detection.box;
  // 0 times what is not finite is NaN, and so is any sum with it.
  return detection.score * 0 + box.right() * 0 + box.bottom() * 0 + box.area() * 0 == 0;
}

// Unknown categories are left out as the reference does; an unknown image it refuses (loadRes), also where
// only some images are chosen, and so do we.
std::vector<CellKey> DetectionKeys(const std::vector<Detection>& detections, const IdIndex& categories,
                                   const IdIndex& images, const datasets::Dataset& truth,
                                   const SetOptions& options) {
  const IdIndex known = IndexOf(truth.images);
  return KeysOf(detections, categories, images, options.threads, [&](std::size_t i, const CellKey& key) {
    const Detection& detection = detections[i];
    const auto image = static_cast<std::int64_t>(detection.image_id);
    if (key.image == kNoPosition && known.Find(image) == kNoPosition) {
      throw Error(
          ErrorKind::kData,
          fmt::format("image_id {} is not among the truth's images; are truth and detections of the same "
                      "set?",
                      image),
          fmt::format("detection {}", i));
    }
    if (!IsFinite(detection)) {
      const Box& box = detection.box;
      throw Error(ErrorKind::kData,
                  fmt::format("score and box must be finite numbers, got score {}, box [{}, {}, {}, {}]",
                              detection.score, box.x, box.y, box.w, box.h),
                  fmt::format("detection {}", i));
    }
  });
}

void CheckMasks(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                const DetectionMasks& masks) {
  if (truth.masks.size() == truth.annotations.size() && masks.masks.size() == detections.size()) return;
  throw Error(ErrorKind::kInternal, "masks are to be compared, but truth or detections were read without");
}

}  // namespace

EvaluationSet::EvaluationSet(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                             const SetOptions& options)
    : images_(ChosenIndex(truth.images, options.images, "image")),
      category_ids_(ChosenIndex(truth.categories, options.categories, "category")),
      categories_(InOrder(truth.categories, category_ids_)),
      truth_keys_(KeysOf(truth.annotations, category_ids_, images_, options.threads,
                         [](std::size_t, const CellKey&) {})),
      detection_keys_(DetectionKeys(detections, category_ids_, images_, truth, options)),
      truth_groups_(truth_keys_, categories_.size(), images_.size(), options.class_agnostic),
      detection_groups_(detection_keys_, categories_.size(), images_.size(), options.class_agnostic),
      input_{truth,           detections,          truth_keys_,
             detection_keys_, truth_groups_,       detection_groups_,
             options.masks,   options.corrections, !options.images.empty() || !options.categories.empty()} {
  if (options.masks != nullptr) CheckMasks(truth, detections, *options.masks);
  if (options.class_agnostic) TakeAllCategoriesForOne();
}

// Only after grouping, which orders a cell by category.
void EvaluationSet::TakeAllCategoriesForOne() {
  categories_ = {&everything_};
  for (auto* keys : {&truth_keys_, &detection_keys_}) {
    for (CellKey& key : *keys) key.category = key.category == kNoPosition ? kNoPosition : 0;
  }
}

}  // namespace yoake::metrics
