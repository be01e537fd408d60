#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace yoake::trainer {

// What `yoake-trainer train` was asked for.
struct TrainArguments {
  std::vector<std::string> words;  // Configuration files and key=value overrides, in any order.
  std::filesystem::path out;       // The run's folder; empty: YOAKE_TRIAL_DIR, else a new one under runs/.
  std::string tag = "default";     // A part of the new folder's name.
  bool resume = false;
  bool fast = false;           // The preset "fast" over the files and under the overrides.
  bool validate_only = false;  // Check configurations and data, train nothing. Any number of files.
  bool print_config = false;   // The resolved configuration on stdout; trains nothing.
  std::function<bool()> stop;  // See TrainOptions.
};

// See attempts.h: it trains in child processes, so call it without other threads, and end the program when
// it returns. Returns the exit code: 0 finished or valid, 1 failed. Throws yoake::Error for what the user
// should mend. In a trial (YOAKE_TRIAL_DIR) such an error is also said in events.jsonl.
int RunTrainCommand(const TrainArguments& arguments);

}  // namespace yoake::trainer
