#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "metrics/uncertainty/lanes.h"
#include "metrics/uncertainty/matched_set.h"

namespace yoake::metrics {

// COCO's twelve columns under new weights of the images, without matching or sorting again: the engine of the
// bootstrap. Weight w stands for w copies of the image side by side; the columns then equal, to the last bit,
// EvaluateCoco's of the set with the images so repeated, and with all weights 1 its columns of the set
// itself. (Where one image holds detections of one category with equal scores, the copies of a detection
// stand together: a a' b b', not a b a' b'.)
//
// kLanes weightings are computed at once. What makes it quick: precision need be known only where a run of
// hits ends, the detections between two such places need only be counted, and one count serves all thresholds
// of an area.

inline constexpr std::size_t kColumns = 12;  // MetricNames().

using LaneWeights = std::vector<LaneWeight>;  // [images by ascending id]

// The columns of one category or of the whole set: a sum over recall points and thresholds and how many were
// summed up; none where there is no truth.
struct LaneMeans {
  std::array<LaneReals, kColumns> sum;
  std::array<LaneReals, kColumns> count;

  void Add(const LaneMeans& other);
};

class ReweightedAp {
 public:
  explicit ReweightedAp(const MatchedSet& set);  // Copies what it needs: some 10 bytes a detection.
  ReweightedAp(ReweightedAp&&) noexcept;
  ~ReweightedAp();

  std::size_t images() const;
  std::size_t categories() const;

  // [categories + 1]: every category, then the whole set. Any number of threads may call it at once.
  std::vector<LaneMeans> Evaluate(const LaneWeights& weights) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yoake::metrics
