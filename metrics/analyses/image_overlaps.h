#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/matching/evaluation_set.h"

namespace yoake::metrics {

// The overlap of a detection with one truth box of its image, of whatever category (iou.h's measure).
struct Overlap {
  std::uint32_t truth = 0;  // Index into Dataset::annotations.
  double iou = 0;
};

// What analyses across categories (confusion, error breakdown) share: for every image its truth, its
// detections and how they overlap. Computed once; memory is linear in the truth boxes that a detection
// overlaps by at least `lowest_iou`. Borrows the set.
class ImageOverlaps {
 public:
  // `lowest_iou` > 0. As in COCO's evaluation the best `max_detections` of each image and category take part.
  ImageOverlaps(const EvaluationSet& set, double lowest_iou, int max_detections = 100);

  const EvaluationSet& set() const { return set_; }
  double lowest_iou() const { return lowest_iou_; }

  std::size_t images() const { return begin_.size() - 1; }

  // Indices of an image's annotations of known categories, crowds too, in file order.
  std::span<const std::uint32_t> Truths(std::size_t image) const { return truths_.Category(image); }

  // An image's detections are [first, last) here: by falling score, ties in file order.
  std::size_t FirstDetection(std::size_t image) const { return begin_[image]; }
  std::size_t LastDetection(std::size_t image) const { return begin_[image + 1]; }

  std::size_t detections() const { return order_.size(); }
  std::uint32_t Index(std::size_t detection) const { return order_[detection]; }  // In the detections given.
  std::uint32_t Category(std::size_t detection) const;                            // Position.
  double Score(std::size_t detection) const;

  // In file order of the truth.
  std::span<const Overlap> Of(std::size_t detection) const {
    return std::span(overlaps_).subspan(first_overlap_[detection],
                                        first_overlap_[detection + 1] - first_overlap_[detection]);
  }

 private:
  void OrderDetections(const CellGroups& by_image, int max_detections);
  bool IsCopy(std::uint32_t index, std::size_t first) const;  // Of a detection in order_ from `first` on.
  void FindOverlaps();

  const EvaluationSet& set_;
  double lowest_iou_;
  CellGroups truths_;                       // By image.
  std::vector<std::size_t> begin_;          // [images + 1] into order_.
  std::vector<std::uint32_t> order_;        // Detections image by image.
  std::vector<std::size_t> first_overlap_;  // [detections + 1] into overlaps_.
  std::vector<Overlap> overlaps_;
};

}  // namespace yoake::metrics
