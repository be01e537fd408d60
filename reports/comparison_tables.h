#pragma once

#include <cstddef>
#include <string>

#include "metrics/uncertainty/comparison.h"
#include "reports/table.h"

namespace yoake::reports {

// The tables of a comparison; reports/comparison.h lays them out.

// The place of a column's name in MetricNames(); Error{kUsage} with a did-you-mean.
std::size_t ColumnByName(const std::string& name);

// Every column of the whole set: a row a column, for each model its value and its difference.
Table WholeTable(const metrics::Comparison& comparison);

// One column of one model: a row a category, then the whole set.
Table CategoryDifferences(const metrics::Comparison& comparison, std::size_t model,
                          const std::string& column);

// A row for every model, category and column, in full precision.
Table EveryCell(const metrics::Comparison& comparison);

// "+0.012 to +0.050".
std::string IntervalText(const metrics::Interval& interval);

// "0.042", "< 0.001".
std::string ProbabilityText(double p);

// How the intervals were made, one paragraph.
std::string MethodNote(const metrics::Comparison& comparison);

}  // namespace yoake::reports
