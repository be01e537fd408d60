#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "search/history.h"
#include "studies/storage/storage.h"
#include "studies/study_folder.h"

namespace yoake::cli {

// A study by its folder, or by its store's URL (and its name, when the store holds several).
struct Target {
  std::string place;
  std::string name;
};

struct OpenedStudy {
  std::string name;
  search::History history;
  std::optional<studies::StudyFolder> folder;
};

// What the commands that only look at a study share. The store must exist.
OpenedStudy OpenStudy(const Target& target);

std::shared_ptr<Target> AddTarget(CLI::App* command);  // DIR|URL and --study.
std::shared_ptr<bool> AddJson(CLI::App* command);      // --json.

}  // namespace yoake::cli
