#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metrics/matching/matching.h"

namespace yoake::metrics {

// The detections of a MatchedCategory as a short text (base64), all that re-weighting can tell apart kept:
// masks, image, order; of the rank whether it is below 1 and below 10. Scores are not kept: unpacked ones
// fall by 1. Between two true positives the order is free and made such that images ascend.
//
// Bytes before base64: the number of different (rank class, true positive, ignored) patterns, the patterns,
// then for each detection the pattern's number and the distance from the image before, all as LEB128
// integers, distances zigzag.
std::string PackMatches(const std::vector<MatchedDetection>& detections);

// Throws Error{kData} for a text that PackMatches did not write; `images`: positions stay below it.
std::vector<MatchedDetection> UnpackMatches(std::string_view packed, std::size_t images);

}  // namespace yoake::metrics
