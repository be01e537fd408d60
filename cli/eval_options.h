#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "metrics/coco_params.h"
#include "metrics/evaluation_set.h"

namespace yoake::cli {

// What `yoake eval` lets one choose about an evaluation, as given on the command line.
struct EvalOptions {
  std::string iou_type = "bbox";
  std::vector<std::string> iou_thresholds;
  std::vector<std::string> areas;
  std::vector<int> max_detections;
  std::vector<std::string> categories;
  std::vector<std::string> images;
  bool class_agnostic = false;
  bool corrected = false;
  double voc_iou = 0;  // 0: no VOC columns.
  int threads = 1;

  bool masks() const { return iou_type == "segm"; }

  // Throws Error{kUsage} with the flag and what would be right. Names and files are looked up in the truth.
  metrics::CocoParams Params() const;
  metrics::SetOptions Chosen(const datasets::Dataset& truth) const;
};

// Adds the flags to a command; they fill `options` when it is parsed.
void AddEvalOptions(CLI::App* command, EvalOptions* options);

}  // namespace yoake::cli
