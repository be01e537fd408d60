#pragma once

namespace yoake::metrics {

// Where the reference computes something else than was meant: each of these, switched on, computes what was
// meant. All off is pycocotools to the last bit.
struct Corrections {
  // Truth annotation id 0 is matched as any other. (The reference stores the id of the match and takes 0 for
  // "none": cocoeval.py, evaluateImg.)
  bool id_zero = false;
  // Truth with a true `ignore` key is neither to be found nor counted as missed, as in the objects marked
  // difficult of PASCAL VOC. (The reference overwrites the key with iscrowd: cocoeval.py, _prepare.)
  bool ignore = false;
  // Truth without area, which nothing can match, is left out instead of counting as missed.
  bool flat_truth = false;
  // Of detections that are equal in image, category, box (mask) and score the first alone takes part.
  bool duplicates = false;
  // The area of a detected mask is the mask's, also where a box is given with it. (coco.py, loadRes, takes
  // the box's.)
  bool mask_area = false;

  friend bool operator==(const Corrections&, const Corrections&) = default;
  static constexpr Corrections All() { return {true, true, true, true, true}; }
};

}  // namespace yoake::metrics
