#pragma once

#include <filesystem>
#include <string>

#include "core/trial_event.h"

namespace yoake::trainer {

// Where a training run writes: the names that ultralytics and mmdetection users look for.
struct RunFolder {
  std::filesystem::path root;

  std::filesystem::path best() const { return root / "weights" / "best.pt"; }
  std::filesystem::path last() const { return root / "weights" / "last.pt"; }
  std::filesystem::path config() const { return root / "config.json"; }
  std::filesystem::path results() const { return root / "results.csv"; }
  std::filesystem::path results_picture() const { return root / "results.svg"; }
  std::filesystem::path result() const { return root / "training_result.json"; }
  std::filesystem::path memory() const { return root / "memory.json"; }  // See attempts.h.
  std::filesystem::path rendezvous() const {
    return root / ".rendezvous";
  }  // Of a ProcessGroup, while it trains.
  std::filesystem::path events() const { return root / "events.jsonl"; }
  // Relative to the root, as the events say it.
  static std::string Detections(const std::string& test) { return "detections/" + test + ".json"; }

  void Append(const TrialEvent& event) const;
};

// The parts of a run folder's name: OUT/train/{dataset}/{model}/{config}/{tag}/{timestamp_gitsha}.
struct RunName {
  std::string dataset;
  std::string model;
  std::string config;
  std::string tag = "default";
};

// OUT/train/{dataset}/{model}/{config}/{tag}; characters that do not belong in a file name become '_'.
std::filesystem::path RunFamily(const std::filesystem::path& out, const RunName& name);

// A folder of the family that does not exist yet, named by the UTC time and the program's commit.
std::filesystem::path NewRun(const std::filesystem::path& family);

// The newest run of the family with a checkpoint to resume from. Throws Error{kUsage} when there is none.
std::filesystem::path LatestRun(const std::filesystem::path& family);

}  // namespace yoake::trainer
