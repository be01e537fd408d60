#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "metrics/uncertainty/comparison.h"

namespace yoake::reports {

// `yoake compare` for its readers. `column`: which of MetricNames() the category tables, the picture and the
// sentences are about; the whole set's table, JSON and CSV have them all.

// "table", "markdown", "csv", "json".
const std::vector<std::string>& ComparisonFormats();

std::string RenderComparison(const metrics::Comparison& comparison, const std::string& column,
                             const std::string& format);

// The promised keys (baseline, models with stats and per_category) and more: p_holm, standard_error, df,
// detectable, boxes, seeds, verdicts. Undefined is null. `models` leaves the baseline out, whose values stand
// under `baseline_stats` and `baseline_per_category`.
nlohmann::json ComparisonJson(const metrics::Comparison& comparison, const std::string& column);

// What the numbers say, in plain sentences, the whole set first: better, worse or within noise, which
// categories, what the set cannot show and what the intervals leave out.
std::vector<std::string> ComparisonVerdicts(const metrics::Comparison& comparison, const std::string& column);

// The differences of every model with their intervals, the whole set and the categories below each other; an
// SVG text, empty without a model to compare.
std::string DifferencesSvg(const metrics::Comparison& comparison, const std::string& column);

// Writes compare.md, compare.json, compare.csv and img/differences.svg; returns compare.md's path.
std::filesystem::path WriteComparison(const metrics::Comparison& comparison, const std::string& column,
                                      const std::filesystem::path& out_folder);

}  // namespace yoake::reports
