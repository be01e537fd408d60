#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "datasets/dataset.h"
#include "metrics/detections.h"
#include "metrics/matching/corrections.h"
#include "metrics/matching/grouping.h"
#include "metrics/matching/iou.h"

namespace yoake::metrics {

// Truth with an area outside [low, high] is ignored; so is an unmatched detection. Both ends are included:
// an area of exactly 1024 is small and medium. Square pixels.
struct AreaRange {
  double low = 0;
  double high = 0;

  friend bool operator==(const AreaRange&, const AreaRange&) = default;
};

// The pairs (area range, IoU threshold) that are matched in one pass; a set of pairs is a 64-bit mask.
struct MatchGrid {
  std::vector<double> iou_thresholds;  // Ascending. At most 64 pairs in all.
  std::vector<AreaRange> areas;
  int max_detections = 100;  // The best of each image and category take part.

  int thresholds() const { return static_cast<int>(iou_thresholds.size()); }
  int bit(int area, int threshold) const { return area * thresholds() + threshold; }
};

// COCO's four: all, small (to 32^2), medium (to 96^2), large.
std::vector<AreaRange> CocoAreas();

// One detection after matching. For each pair of the grid it is a true positive, ignored, or (neither) a
// false positive.
struct MatchedDetection {
  double score = 0;
  std::uint64_t true_positive = 0;
  std::uint64_t ignored = 0;
  std::uint32_t image = 0;  // Position in ascending order of image ids.
  std::uint32_t rank = 0;   // From 0, by score among the detections of this image and category.
};

// What accumulation needs of one category, image by image: re-weighting images (bootstrap) needs neither
// matching nor sorting again.
struct MatchedCategory {
  std::vector<MatchedDetection> detections;  // By falling score; ties by image, then by rank.
  std::vector<std::uint32_t> truth_images;   // Positions of the images with truth, ascending.
  std::vector<std::uint32_t> truth_counts;   // [truth_images, areas] truth boxes that count.

  int given = 0;                                // Detections of this category before the cut.
  int cut = 0;                                  // Left out as beyond max_detections.
  int duplicates = 0;                           // Equal in box and score to another of the same image.
  std::uint32_t first_duplicate = kNoPosition;  // Index of one such copy in the given detections.
  int flat = 0;                                 // Without area.
  std::uint32_t first_flat = kNoPosition;
};

// What is matched. Borrows everything; positions refer to ascending ids.
struct MatchInput {
  const datasets::Dataset& truth;
  const std::vector<Detection>& detections;
  const std::vector<CellKey>& truth_keys;
  const std::vector<CellKey>& detection_keys;
  const CellGroups& truth_groups;
  const CellGroups& detection_groups;
  const DetectionMasks* masks = nullptr;  // Given: masks are compared, not boxes.
  Corrections corrections;
  bool chosen = false;  // Some images or categories alone: items of others have no position.

  // By index into the truth's annotations and the detections. For masks: their boxes are found anew each
  // time.
  TruthShape ShapeOfTruth(std::size_t index) const;
  Shape ShapeOfDetection(std::size_t index) const;

  // What decides an unmatched detection's place in the area ranges. As coco.py, loadRes: the box's w * h,
  // and of masks their own only when the file gives no boxes.
  double AreaOfDetection(std::size_t index) const;

  // Truth that is neither to be found nor missed: crowds, and what the corrections take from the count.
  bool IsUncounted(std::size_t annotation) const;
};

// Positions of images, [begin, end).
struct ImageRange {
  std::uint32_t begin = 0;
  std::uint32_t end = kNoPosition;
};

// Matches one category after another, keeping its scratch memory. Each thread has its own; the result of a
// category depends on nothing but the input.
class CategoryMatcher {
 public:
  CategoryMatcher(const MatchInput& input, const MatchGrid& grid);  // Borrows both.
  ~CategoryMatcher();

  MatchedCategory Match(std::size_t category, ImageRange images = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Match(category) out of its parts: ranges of images that follow each other.
MatchedCategory MergeMatched(std::vector<MatchedCategory> parts);

}  // namespace yoake::metrics
