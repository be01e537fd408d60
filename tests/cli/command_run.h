#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/scratch_folder.h"

namespace yoake::cli {

// What a run of the built `yoake` left.
struct CommandRun {
  int exit_code = -1;
  std::string out, err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }  // Of stdout.
};

// Runs `yoake` with these arguments, as a shell splits them, inside `folder`.
CommandRun RunYoake(const ScratchFolder& folder, const std::string& arguments);

}  // namespace yoake::cli
