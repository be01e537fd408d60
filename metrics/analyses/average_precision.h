#pragma once

#include <vector>

namespace yoake::metrics {

// COCO's average precision (101 recalls) at one IoU of a list of detections by falling score, each true or
// not, against `truth` > 0 boxes. accumulate.h does the work; this is its form for lists that no matcher
// made.
double AveragePrecision(const std::vector<bool>& true_positives, int truth);

}  // namespace yoake::metrics
