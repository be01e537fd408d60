#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/trial_event.h"
#include "metrics/coco/eval_result.h"
#include "search/trial_record.h"

namespace yoake::reports {

// What a study's results.json says, read and checked: the only input of a report. Undefined numbers (JSON
// null, NaN) are absent.

// One epoch of one trial.
struct CurvePoint {
  int epoch = 0;  // From 1.
  std::optional<double> seconds;
  Metrics metrics;
};

// What the runs of one configuration say (search/incumbent.h).
struct Standing {
  std::vector<int> runs;                 // Numbers of its complete runs, ascending; one at least.
  std::optional<double> mean;            // Of their values.
  std::optional<double> estimate;        // What another run is expected to give.
  std::optional<double> standard_error;  // Of the estimate.
};

struct TrialResult {
  int number = 0;
  search::TrialState state = search::TrialState::kWaiting;
  std::map<std::string, std::string> variant;  // Factor -> level; empty in a study without variants.
  nlohmann::json params = nlohmann::json::object();
  std::optional<double> value;        // Of the study's metric on the validation set; may be infinite.
  std::optional<Standing> standing;   // Of its configuration, where the first of its runs in a study that has
                                      // repeated runs.
  std::optional<int> repeats;         // The first run of its configuration, where this is a later one.
  std::optional<std::string> reason;  // Why it failed: "out_of_memory", "diverged", ...
  std::optional<std::string> message;  // The trainer's, driver's or pruner's sentence.
  std::optional<double> seconds;       // Wall time over all attempts.
  int epochs = 0;
  std::string device;
  int attempts = 1;
  nlohmann::json config = nlohmann::json::object();  // Resolved training configuration.
  std::string folder;                                // Relative to the study's folder.
  std::vector<std::string> warnings;
  std::vector<CurvePoint> curve;                     // Ascending epochs.
  std::map<std::string, metrics::EvalResult> tests;  // Test set -> its score.
};

// One annotation file a study used.
struct DatasetRecord {
  std::string role;     // "train", "val", "test".
  std::string variant;  // Level of the dataset factor, or the test's name; may be empty.
  std::string name;
  std::string file;
  std::string sha256;  // Of the annotation file.
  std::optional<std::int64_t> images;
  std::optional<std::int64_t> annotations;
};

struct Provenance {
  std::string yoake;  // Version.
  std::string trainer;
  std::string command;
  std::optional<std::uint64_t> seed;
  std::string started;   // ISO 8601, UTC.
  std::string finished;  // Empty while the study runs.
  std::optional<double> wall_seconds;
  std::vector<std::string> slots;
  std::optional<double> slot_idle_median_s;  // Between two trials on one slot.
  std::optional<double> slot_idle_max_s;
  std::vector<DatasetRecord> datasets;
};

// A factor and its levels in the study file's order of levels.
struct Factor {
  std::string name;
  std::vector<std::string> levels;
};

struct StudyResults {
  std::string name;
  std::string metric = "mAP";
  search::Direction direction = search::Direction::kMaximize;
  bool complete = false;                 // The study came to its end.
  std::vector<std::string> ended_early;  // Why, where a terminator ended a combination's search.
  Provenance provenance;
  std::vector<Factor> factors;  // By name; empty without variants.
  nlohmann::json space = nlohmann::json::object();
  std::vector<TrialResult> trials;  // Ascending numbers.
};

// The trial of this number; null when there is none.
const TrialResult* Find(const StudyResults& results, int number);

// Keys that a later version of the same schema adds are ignored; a missing key, a wrong type, another schema
// or a number given twice is Error{kData} with file and JSON path. `source` is named in messages.
StudyResults StudyResultsFromJson(const nlohmann::json& json, const std::string& source);

// `file` is OUT/results.json. A missing file is Error{kUsage} that says what folder to give.
StudyResults ReadStudyResults(const std::filesystem::path& file);

}  // namespace yoake::reports
