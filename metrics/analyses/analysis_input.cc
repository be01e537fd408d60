#include "metrics/analyses/analysis_input.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "core/error.h"

namespace yoake::metrics {
namespace {

void Require(bool fine, std::string_view field, std::string_view range, double value) {
  if (!fine) {
    throw Error(ErrorKind::kConfig, fmt::format("{}: expected {}, got {}", field, range, value));
  }
}

}  // namespace

void AnalysisOptions::Validate() const {
  Require(iou > 0 && iou <= 1, "iou", "a number in (0, 1]", iou);
  Require(background_iou > 0 && background_iou <= iou, "background_iou",
          fmt::format("a number in (0, iou = {}]", iou), background_iou);
  Require(!score_threshold || std::isfinite(*score_threshold), "score_threshold", "a finite number",
          score_threshold.value_or(0));
  Require(beta > 0 && std::isfinite(beta), "beta", "a number above 0", beta);
  Require(calibration_bins >= 1, "calibration_bins", "at least 1", calibration_bins);
  Require(histogram_bins >= 1, "histogram_bins", "at least 1", histogram_bins);
  Require(max_detections >= 1, "max_detections", "at least 1", max_detections);
}

AnalysisInput::AnalysisInput(const EvaluationSet& set, const AnalysisOptions& options)
    : set_(set), options_(options), score_threshold_(options.score_threshold) {
  options.Validate();
}

const Outcomes& AnalysisInput::outcomes() const {
  if (!outcomes_) outcomes_ = FindOutcomes(set_, options_.iou, options_.max_detections);
  return *outcomes_;
}

const ImageOverlaps& AnalysisInput::overlaps() const {
  if (!overlaps_) overlaps_.emplace(set_, options_.background_iou, options_.max_detections);
  return *overlaps_;
}

double AnalysisInput::score_threshold() const {
  if (!score_threshold_) {
    const auto& all = outcomes().all;
    const auto best = BestPoint(OperatingPoints(all), options_.beta);
    const double lowest = all.detections.empty() ? 0 : all.detections.back().score;
    score_threshold_ = best ? best->threshold : lowest;
  }
  return *score_threshold_;
}

}  // namespace yoake::metrics
