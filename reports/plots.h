#pragma once

#include <string>

#include "reports/study_results.h"

namespace yoake::reports {

// The pictures of a study's report as SVG texts, deterministic, white background, Okabe and Ito's palette
// with a marker shape beside every colour. A picture without anything to show is an empty string.

// A row a configuration that was run more than once: a mark a run, and the estimate with a line of one and a
// half standard errors to each side. 20 rows at most, those with the best estimates.
std::string ConfirmationSvg(const StudyResults& results);

// The value of every trial by its number, filled when finished, hollow when pruned (its last value), a cross
// at the bottom when failed; the line is the best value so far.
std::string HistorySvg(const StudyResults& results);

// A bar a parameter, the most important ones first, 20 at most, with the interval over seeds (fANOVA over the
// finished trials; the factors of variants count as parameters). Empty with fewer than 10 finished trials.
std::string ImportanceSvg(const StudyResults& results);

// The value of every finished trial by its seconds with the Pareto front of the two; empty when one trial is
// both best and fastest.
std::string ParetoSvg(const StudyResults& results);

// One panel a combination: the study's metric by epoch, every trial thin, the best one thick. Twelve panels
// at most, those with the best trials.
std::string CurvesSvg(const StudyResults& results);

// Bars of the study's metric by category on one test set: the best trial of each combination, six
// combinations and 20 categories at most (those with the most truth boxes).
std::string CategoriesSvg(const StudyResults& results, const std::string& test);

}  // namespace yoake::reports
