#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "metrics/analyses/analysis_input.h"
#include "reports/analyses/analysis_view.h"

namespace yoake::reports {

// An analysis that `yoake eval --analyse` knows.
struct Analysis {
  std::string name;
  std::string about;  // For --help.
  std::unique_ptr<AnalysisView> (*make)(const metrics::AnalysisInput&);
};

const std::vector<Analysis>& Analyses();

// What was asked for, in the order of Analyses().
struct NamedView {
  std::string name;
  std::unique_ptr<AnalysisView> view;
};

// Throws Error{kUsage} with a did-you-mean for a name that is neither of Analyses() nor "all".
void CheckAnalyses(const std::vector<std::string>& names);

// Checks the names, then computes.
std::vector<NamedView> Analyse(const metrics::AnalysisInput& input, const std::vector<std::string>& names);

// The tables of all views one after the other, each under its title: "table", "markdown" or "csv" (blocks
// after a line "# name", an empty line before each).
std::string RenderTables(const std::vector<NamedView>& views, const std::string& format);

// {"f1": {...}, "confusion": {...}}: the JSON of each view under its name.
nlohmann::json AnalysesJson(const std::vector<NamedView>& views);

// Every table as NAME.csv, every picture as NAME.svg into a folder that is made when missing.
void WriteAnalyses(const std::vector<NamedView>& views, const std::filesystem::path& folder);

}  // namespace yoake::reports
