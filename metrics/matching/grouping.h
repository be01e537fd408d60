#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace yoake::metrics {

// No position: an id that the truth does not have.
inline constexpr std::uint32_t kNoPosition = 0xffffffff;

// The position of each id in ascending order (pycocotools: np.unique). Ids are any int64; a lookup is one
// read when they lie close together, as COCO's do, and a binary search otherwise.
class IdIndex {
 public:
  explicit IdIndex(std::vector<std::int64_t> ids);  // Any order; equal ids share a position.

  std::size_t size() const { return ids_.size(); }
  std::int64_t id(std::size_t position) const { return ids_[position]; }
  std::uint32_t Find(std::int64_t id) const;  // kNoPosition when unknown.

 private:
  std::vector<std::int64_t> ids_;     // Ascending, unique.
  std::vector<std::uint32_t> table_;  // [id - ids_[0]] -> position; empty when the ids lie too far apart.
};

// Where an item (a truth box or a detection) belongs, as positions in two IdIndexes.
struct CellKey {
  std::uint32_t category = kNoPosition;
  std::uint32_t image = kNoPosition;
};

// Items by category, within a category by image, within an image in file order: the order in which
// pycocotools meets them.
class CellGroups {
 public:
  // Items whose category or image is kNoPosition are left out. Two stable counting sorts: linear time, and
  // memory in the number of items, not of cells. `class_agnostic`: one group of all categories, by image,
  // within an image by category (pycocotools with useCats = 0).
  CellGroups(const std::vector<CellKey>& keys, std::size_t categories, std::size_t images,
             bool class_agnostic = false);

  // The items of one category, as indices into `keys`.
  std::span<const std::uint32_t> Category(std::size_t category) const {
    return std::span(items_).subspan(begin_[category], begin_[category + 1] - begin_[category]);
  }

  // The image of each of them.
  std::span<const std::uint32_t> Images(std::size_t category) const {
    return std::span(images_).subspan(begin_[category], begin_[category + 1] - begin_[category]);
  }

 private:
  std::vector<std::uint32_t> items_;
  std::vector<std::uint32_t> images_;  // Parallel to items_.
  std::vector<std::uint32_t> begin_;   // [categories + 1]
};

}  // namespace yoake::metrics
