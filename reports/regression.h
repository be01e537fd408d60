#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "metrics/uncertainty/baseline.h"
#include "metrics/uncertainty/comparison.h"

namespace yoake::reports {

// The gate on a metric that knows noise. Each check allows a drop and tests from both sides at level alpha,
// one-sided, with Student's t of the paired bootstrap:
//   regression    the true change is below -allowed: p, Holm over all checks, is below alpha;
//   pass          the true change is above -allowed: the (1 - alpha) lower bound of the change is;
//   inconclusive  neither: the set is too small to tell.
// The whole gate is a regression when one check is, else inconclusive when one is, else it passes. So a
// regression is called wrongly with probability alpha at most, over all checks together (Holm 1979), and so
// is a pass (every check must pass by itself: an intersection-union test needs no correction).
//
// That holds where intervals are honest. A check of too few boxes or images for that (ColumnResult::few) is
// never a regression, and such a category is reported but not counted, unless GateOptions::count_few.
//
// Against plain numbers (floors) nothing is paired and the number counts as exact. Regression is then decided
// as above with the candidate's own standard error; a check passes when the candidate's number is not below
// the floor less the allowed drop, and is inconclusive when it is, within noise.

struct GateOptions {
  std::string metric = "mAP";           // Of the whole set and of the categories; a column of the table.
  double max_drop = 0.005;              // Of the whole set, in the metric's unit (0.005 is half a point).
  double max_category_drop = 0.02;      // Of each category.
  std::optional<double> max_size_drop;  // Of mAP_s, mAP_m and mAP_l of the whole set; absent: not checked.
  double alpha = 0.05;                  // 0.0001 to 0.5.
  bool count_few = false;               // Checks of too few boxes or images decide like any other.

  void Validate() const;  // Throws Error{kUsage}.
};

enum class Verdict { kPass, kRegression, kInconclusive };

const char* ToString(Verdict verdict);  // "pass", "regression", "inconclusive".
int ExitCodeOf(Verdict verdict);        // 0, 1, 3.

struct GateCheck {
  std::string name;  // "mAP", "person.mAP", "mAP_s".
  metrics::TruthCount truth;
  bool few = false;     // Too little truth for an honest interval.
  bool counted = true;  // Takes part in the whole verdict.
  double baseline = 0;
  double candidate = 0;
  double delta = 0;
  double allowed = 0;
  metrics::Interval interval;  // 1 - 2 alpha: both one-sided bounds at level alpha.
  double p = 1;                // Of "the drop does not exceed the allowed one".
  double p_holm = 1;

  // Resampling units (images) a set like this one needs to show, with a power of 0.8, that an unchanged
  // candidate passes; absent where no drop is allowed or nothing varies.
  std::optional<std::size_t> units_needed;
  Verdict verdict = Verdict::kInconclusive;
};

struct GateResult {
  Verdict verdict = Verdict::kPass;
  bool paired = true;             // False: floors.
  std::vector<GateCheck> checks;  // The whole set, sizes, categories.
  std::size_t units = 0;
  bool grouped = false;  // Units are groups of images.
  GateOptions options;
};

// `comparison`: baseline and candidate, in this order, of confidence 1 - 2 alpha (GateConfidence).
GateResult CheckRegression(const metrics::Comparison& comparison, const GateOptions& options);

// `comparison`: the candidate alone. Floors of names that the gate does not check are left alone; a check
// without a floor is left out. Throws Error{kData} when none is left, Error{kUsage} for an unknown name.
GateResult CheckFloors(const metrics::Comparison& comparison, const metrics::Floors& floors,
                       const GateOptions& options);

double GateConfidence(const GateOptions& options);

std::string GateText(const GateResult& result);      // For a terminal.
std::string GateMarkdown(const GateResult& result);  // For a pull request.
nlohmann::json GateJson(const GateResult& result);

}  // namespace yoake::reports
