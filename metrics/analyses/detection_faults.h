#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/analyses/image_overlaps.h"

namespace yoake::metrics {

// What went wrong with a detection or a truth box, after TIDE (Bolya, Foley, Hays and Hoffman, "TIDE: A
// General Toolbox for Identifying Object Detection Errors", ECCV 2020). Every detection that matched nothing
// gets the first that fits, localisation asked before classification as in the reference implementation;
// f = `iou`, b = `background_iou`, overlaps with truth that counts (no crowds), used or not.
enum class DetectionFault {
  kClassification,  // Overlap >= f with truth of another category.
  kLocalisation,    // Overlap in [b, f] with truth of its category.
  kBoth,            // None of the others: overlap in (b, f) with truth of another category.
  kDuplicate,       // Overlap >= f with truth of its category that a better detection has taken.
  kBackground,      // Overlap <= b with all truth.
  kMissed,          // Truth that nothing matched and no classification or localisation fault explains.
};

inline constexpr std::size_t kDetectionFaults = 6;

std::string_view ToString(DetectionFault fault);

struct ErrorOptions {
  double iou = .5;             // f in (0, 1].
  double background_iou = .1;  // b in (0, f].
  int max_detections = 100;    // Kept of each image, all categories together (not per category, as in COCO).
};

// A detection after matching: greedy by score, to the free truth of its category of largest overlap, the
// first among equals, at least f (COCO's rule but for the choice among equals).
struct JudgedDetection {
  double score = 0;
  std::uint32_t category = 0;  // Position.
  bool matched = false;
  bool excused = false;  // Unmatched and over f in uncounted truth of its category: no false positive either.
  DetectionFault fault{};             // Of an unmatched one, also an excused one.
  std::uint32_t mends = kNoPosition;  // The unused truth (annotation) it would find without its fault, given
                                      // to the best of the detections that share it.
};

struct DetectionFaults {
  std::vector<JudgedDetection> detections;  // By falling score, ties by image.
  std::vector<int> truth;                   // [categories] boxes that count (no crowds).
  std::vector<int> unmatched;               // [categories] of these, the false negatives.
  std::vector<int> missed;                  // [categories] of those, what no fault explains.
};

// `overlaps` must hold everything from background_iou up.
DetectionFaults FindFaults(const ImageOverlaps& overlaps, const ErrorOptions& options);

}  // namespace yoake::metrics
