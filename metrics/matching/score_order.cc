#include "metrics/matching/score_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace yoake::metrics {
namespace {

constexpr std::size_t kDigits = 8;      // Of one byte each.
constexpr std::size_t kFewItems = 200;  // Comparing is quicker than counting 8 times 256 buckets.

std::size_t Digit(std::uint64_t key, std::size_t digit) { return key >> (8 * digit) & 0xff; }

}  // namespace

std::uint64_t FallingKey(double score) {
  const auto bits = std::bit_cast<std::uint64_t>(score + 0.0);  // Makes 0 of -0.
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  return (bits & kSign) != 0 ? bits : ~(bits | kSign);
}

void SortByKey(std::vector<ScoredItem>* items, std::vector<ScoredItem>* scratch) {
  if (items->size() < kFewItems) {
    std::stable_sort(items->begin(), items->end(),
                     [](const ScoredItem& a, const ScoredItem& b) { return a.key < b.key; });
    return;
  }
  std::array<std::array<std::uint32_t, 256>, kDigits> counts{};
  for (const ScoredItem& item : *items) {
    for (std::size_t digit = 0; digit < kDigits; ++digit) ++counts[digit][Digit(item.key, digit)];
  }
  scratch->resize(items->size());
  for (std::size_t digit = 0; digit < kDigits; ++digit) {
    if (counts[digit][Digit(items->front().key, digit)] == items->size()) continue;  // All alike.
    std::array<std::uint32_t, 256> next;
    std::uint32_t sum = 0;
    for (std::size_t value = 0; value < 256; ++value) {
      next[value] = sum;
      sum += counts[digit][value];
    }
    for (const ScoredItem& item : *items) (*scratch)[next[Digit(item.key, digit)]++] = item;
    items->swap(*scratch);
  }
}

}  // namespace yoake::metrics
