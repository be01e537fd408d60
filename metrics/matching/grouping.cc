#include "metrics/matching/grouping.h"

#include <algorithm>
#include <utility>

namespace yoake::metrics {
namespace {

// A table of positions may be this much larger than the list of ids (plus a constant) before it is left away.
constexpr std::uint64_t kTableFactor = 256;
constexpr std::uint64_t kTableFloor = 1 << 16;

// begin[key] .. begin[key + 1] is the range of each key in the sorted list.
template <typename KeyOf>
std::vector<std::uint32_t> Ranges(const std::vector<std::uint32_t>& items, std::size_t keys, KeyOf key_of) {
  std::vector<std::uint32_t> begin(keys + 1, 0);
  for (const std::uint32_t item : items) ++begin[key_of(item) + 1];
  for (std::size_t key = 0; key < keys; ++key) begin[key + 1] += begin[key];
  return begin;
}

template <typename KeyOf>
std::vector<std::uint32_t> Distribute(const std::vector<std::uint32_t>& items,
                                      std::vector<std::uint32_t> next, KeyOf key_of) {
  std::vector<std::uint32_t> sorted(items.size());
  for (const std::uint32_t item : items) sorted[next[key_of(item)]++] = item;
  return sorted;
}

}  // namespace

IdIndex::IdIndex(std::vector<std::int64_t> ids) : ids_(std::move(ids)) {
  std::sort(ids_.begin(), ids_.end());
  ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
  if (ids_.empty()) return;
  const std::uint64_t span =
      static_cast<std::uint64_t>(ids_.back()) - static_cast<std::uint64_t>(ids_.front());
  if (span >= kTableFloor + kTableFactor * ids_.size()) return;
  table_.assign(span + 1, kNoPosition);
  for (std::size_t position = 0; position < ids_.size(); ++position) {
    table_[static_cast<std::size_t>(ids_[position] - ids_.front())] = static_cast<std::uint32_t>(position);
  }
}

std::uint32_t IdIndex::Find(std::int64_t id) const {
  if (!table_.empty()) {
    const std::uint64_t offset = static_cast<std::uint64_t>(id) - static_cast<std::uint64_t>(ids_.front());
    return offset < table_.size() ? table_[offset] : kNoPosition;
  }
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id) return kNoPosition;
  return static_cast<std::uint32_t>(found - ids_.begin());
}

CellGroups::CellGroups(const std::vector<CellKey>& keys, std::size_t categories, std::size_t images,
                       bool class_agnostic) {
  items_.reserve(keys.size());
  bool by_image = true;  // As files mostly are: then one sort is enough.
  std::uint32_t last = 0;
  for (std::size_t item = 0; item < keys.size(); ++item) {
    if (keys[item].category == kNoPosition || keys[item].image == kNoPosition) continue;
    items_.push_back(static_cast<std::uint32_t>(item));
    by_image = by_image && keys[item].image >= last;
    last = keys[item].image;
  }
  const auto image_of = [&](std::uint32_t item) { return keys[item].image; };
  const auto category_of = [&](std::uint32_t item) { return keys[item].category; };
  if (class_agnostic) {
    items_ = Distribute(items_, Ranges(items_, categories, category_of), category_of);
    items_ = Distribute(items_, Ranges(items_, images, image_of), image_of);
    begin_ = {0, static_cast<std::uint32_t>(items_.size())};
  } else {
    if (!by_image) items_ = Distribute(items_, Ranges(items_, images, image_of), image_of);
    begin_ = Ranges(items_, categories, category_of);
    items_ = Distribute(items_, begin_, category_of);
  }
  images_.resize(items_.size());
  std::transform(items_.begin(), items_.end(), images_.begin(), image_of);
}

}  // namespace yoake::metrics
