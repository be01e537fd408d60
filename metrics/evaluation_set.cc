#include "metrics/evaluation_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/error.h"

namespace yoake::metrics {
namespace {

std::vector<const datasets::Category*> ByAscendingId(const std::vector<datasets::Category>& categories) {
  std::vector<const datasets::Category*> sorted;
  for (const datasets::Category& category : categories) sorted.push_back(&category);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  return sorted;
}

template <typename Items>
IdIndex IndexOf(const Items& items) {
  std::vector<std::int64_t> ids;
  for (const auto& item : items) ids.push_back(static_cast<std::int64_t>(item.id));
  return IdIndex(std::move(ids));
}

template <typename Items>
std::vector<CellKey> KeysOf(const Items& items, const IdIndex& categories, const IdIndex& images) {
  std::vector<CellKey> keys(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    keys[i].category = categories.Find(static_cast<std::int64_t>(items[i].category_id));
    keys[i].image = images.Find(static_cast<std::int64_t>(items[i].image_id));
  }
  return keys;
}

// Unknown categories are left out as the reference does; an unknown image it refuses (loadRes), and so do we.
void CheckDetections(const std::vector<Detection>& detections, const std::vector<CellKey>& keys) {
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const Detection& detection = detections[i];
    if (keys[i].image == kNoPosition) {
      throw Error(
          ErrorKind::kData,
          fmt::format("image_id {} is not among the truth's images; are truth and detections of the same "
                      "set?",
                      static_cast<std::int64_t>(detection.image_id)),
          fmt::format("detection {}", i));
    }
    const Box& box = detection.box;
    if (!std::isfinite(detection.score) || !std::isfinite(box.right()) || !std::isfinite(box.bottom()) ||
        !std::isfinite(box.area())) {
      throw Error(ErrorKind::kData,
                  fmt::format("score and box must be finite numbers, got score {}, box [{}, {}, {}, {}]",
                              detection.score, box.x, box.y, box.w, box.h),
                  fmt::format("detection {}", i));
    }
  }
}

std::vector<CellKey> CheckedKeys(const std::vector<Detection>& detections, const IdIndex& categories,
                                 const IdIndex& images) {
  std::vector<CellKey> keys = KeysOf(detections, categories, images);
  CheckDetections(detections, keys);
  return keys;
}

}  // namespace

EvaluationSet::EvaluationSet(const datasets::Dataset& truth, const std::vector<Detection>& detections)
    : categories_(ByAscendingId(truth.categories)),
      images_(IndexOf(truth.images)),
      truth_keys_(KeysOf(truth.annotations, IndexOf(truth.categories), images_)),
      detection_keys_(CheckedKeys(detections, IndexOf(truth.categories), images_)),
      truth_groups_(truth_keys_, categories_.size(), images_.size()),
      detection_groups_(detection_keys_, categories_.size(), images_.size()),
      input_{truth, detections, truth_keys_, detection_keys_, truth_groups_, detection_groups_} {}

}  // namespace yoake::metrics
