#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/terminal_line.h"

namespace yoake::trainer {

// Where a run stands, for a person who watches.
struct StepView {
  int epoch = 1;  // The one in progress.
  int epochs = 1;
  std::int64_t step = 0;  // Done in the epoch in progress.
  std::int64_t steps = 1;
  std::string activity{};                    // "evaluating"; empty: training.
  double box = 0, obj = 0, cls = 0, l1 = 0;  // Means over the epoch so far.
  double images_per_s = 0;                   // Over the epoch so far.
  double rss_mb = 0;                         // Peaks of the process (memory.h).
  std::optional<double> gpu_mb{}, seconds_left{};
};

// "epoch 3/40 [=====>    ] 120/260 5m 20s left | 31.2 img/s | 812 MB | box 2.10 obj 2.43 cls 0.71": what a
// narrow terminal cuts off stands last.
std::string ProgressText(const StepView& view);

// Shows it in a terminal's last line; elsewhere (a file, a study's trial) as a log line a minute, so that a
// long epoch is seen to go on.
class ProgressBar {
 public:
  // Whether Show() would be seen: ask before making a view.
  bool Due() const;
  void Show(const StepView& view);

 private:
  TerminalLine line_;
  std::chrono::steady_clock::time_point logged_ = std::chrono::steady_clock::now();
};

}  // namespace yoake::trainer
