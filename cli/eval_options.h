#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "metrics/coco/coco_params.h"
#include "metrics/matching/evaluation_set.h"

namespace yoake::cli {

// What of a set is compared, and how: of `eval`, `compare` and `check` alike, as given on the command line.
struct MatchingOptions {
  std::string iou_type = "bbox";
  std::vector<std::string> iou_thresholds;
  std::vector<std::string> areas;
  std::vector<std::string> categories;
  std::vector<std::string> images;
  bool class_agnostic = false;
  bool corrected = false;
  int threads = 1;

  bool masks() const { return iou_type == "segm"; }
  datasets::Dataset ReadTruth(const std::string& file) const;  // With its masks where they are compared.

  // Throws Error{kUsage} with the flag and what would be right. Names and files are looked up in the truth.
  metrics::CocoParams Params() const;
  metrics::SetOptions Chosen(const datasets::Dataset& truth) const;
};

// What `eval` alone lets one choose besides.
struct EvalOptions : MatchingOptions {
  std::vector<int> max_detections;
  double voc_iou = 0;  // 0: no VOC columns.

  metrics::CocoParams Params() const;
};

// Add the flags to a command; they fill `options` when it is parsed.
void AddMatchingOptions(CLI::App* command, MatchingOptions* options);
void AddEvalOptions(CLI::App* command, EvalOptions* options);

}  // namespace yoake::cli
