#pragma once

#include <filesystem>
#include <string>

#include "reports/study_results.h"

namespace yoake::reports {

// Reads study_folder/results.json and writes report.md, img/*.svg and per_category.csv into `out_folder`
// (empty: the study's folder; created when missing). The same results give the same bytes. Returns
// report.md's path.
std::filesystem::path WriteStudyReport(const std::filesystem::path& study_folder,
                                       const std::filesystem::path& out_folder = {});

// What a terminal shows when a study ends: the per-category table of the best trial of every combination of
// variants on each test set, aligned, then the best configuration. Ends with a line feed.
std::string SummaryText(const StudyResults& results);

}  // namespace yoake::reports
