#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metrics/uncertainty/bootstrap.h"
#include "metrics/uncertainty/column_draws.h"
#include "metrics/uncertainty/interval.h"
#include "metrics/uncertainty/matched_set.h"

namespace yoake::metrics {

// One model on the set: the detections of one training, or of several that differ in their seed alone.
struct ComparedModel {
  std::string name;
  std::vector<MatchedSet> seeds;
};

struct CompareOptions {
  BootstrapOptions bootstrap;
  double confidence = 0.95;  // Of the intervals; 0.5 to 0.9999.
  double power = 0.8;        // With which a detectable difference is seen.
  IntervalMethod method = IntervalMethod::kStudent;

  void Validate() const;  // Throws Error{kUsage}.
};

// A model's column minus the baseline's on the same images.
struct Difference {
  double delta = 0;
  Interval interval;
  double p_holm = 1;  // Of a category's column: Holm over the categories. Of the whole set: interval.p.

  // The true gain that would be seen (p below 1 - confidence) with the asked power: (t + t_power) standard
  // errors.
  double detectable = 0;

  bool within_noise() const { return interval.low <= 0 && interval.high >= 0; }
};

struct ColumnResult {
  TruthCount truth;                      // What the column is about, in its area.
  bool few = false;                      // So little of it that the intervals may be too narrow.
  std::optional<double> value;           // The mean over the seeds; nothing where there is no truth.
  Interval interval;                     // Of the value, against 0.
  std::optional<Difference> difference;  // To the baseline.
};

struct RowResult {
  datasets::CategoryId category_id{};
  std::string category;
  TruthCount truth;                            // Of every size.
  std::array<ColumnResult, kColumns> columns;  // MetricNames().
};

struct ModelResult {
  std::string name;
  std::size_t seeds = 0;
  std::vector<RowResult> categories;  // Ascending ids.
  RowResult whole;
};

struct Comparison {
  std::vector<ModelResult> models;  // In the order given.
  std::size_t baseline = 0;
  std::size_t images = 0;
  std::uint32_t units = 0;
  CompareOptions options;
  bool one_threshold = false;  // mAP is AP at a single IoU.

  bool grouped() const { return units != images; }  // Units are groups of images.

  // Below so many boxes of a category, or units that hold them, a column's intervals were measured to be too
  // narrow (docs/uncertainty.md). Columns of a single IoU threshold move in larger steps and need more boxes.
  int FewBoxes(std::size_t column) const;
  std::uint32_t FewUnits() const;
};

// As Difference::detectable, for a successor that is not there yet: its per-image luck is taken to correlate
// with this model's by `correlation`, so that the standard error of the difference is
// sqrt(2 (1 - correlation)) of the value's.
double DetectableAlone(const ColumnResult& cell, const CompareOptions& options, double correlation);

// What the interval covers. Images (or groups of them) are drawn anew, always. Where a model has several
// seeds, so are trainings: the variance between its seeds that the images do not explain, over their number,
// is added, and the t quantile takes Satterthwaite's degrees of freedom. A model with a single file beside
// one with several is given the other's. With single files throughout the interval speaks of these trained
// weights only, not of the recipe.
//
// The degrees of freedom of a category are one less than the units that hold its boxes.
// Throws Error{kData} when the models are not of one set (equal image and category ids).
Comparison CompareModels(const std::vector<ComparedModel>& models, std::size_t baseline,
                         const ResamplingUnits& units, const CompareOptions& options);

}  // namespace yoake::metrics
