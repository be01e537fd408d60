#pragma once

#include <cstdint>
#include <vector>

namespace yoake::metrics {

// An item to be ordered by its score.
struct ScoredItem {
  std::uint64_t key = 0;  // Ascends as the score falls.
  std::uint32_t item = 0;
};

// The key of a score. Finite scores only; -0 and 0 are equal.
std::uint64_t FallingKey(double score);

// Sorts stably by ascending key in linear time (radix sort), so that neither many equal scores nor any given
// order is slow. `scratch` is memory to be used again by the next call.
void SortByKey(std::vector<ScoredItem>* items, std::vector<ScoredItem>* scratch);

}  // namespace yoake::metrics
