#pragma once

#include <string>
#include <vector>

#include "metrics/matching/matching.h"

namespace yoake::metrics {

// Where the reference's answer misleads, in plain words, one sentence a kind with the first example:
// annotation id 0, boxes without area, detections of unknown categories, categories without truth, detections
// beyond the limit, the same detection twice. `categories` in ascending order of ids, as `matched`.
std::vector<std::string> EvaluationWarnings(const MatchInput& input,
                                            const std::vector<const datasets::Category*>& categories,
                                            const std::vector<MatchedCategory>& matched, int max_detections);

}  // namespace yoake::metrics
