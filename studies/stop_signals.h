#pragma once

#include <signal.h>

namespace yoake::studies {

// Turns SIGINT, SIGTERM and SIGHUP (unless ignored, as under nohup) into something poll() can wait for, while
// it lives. For the main thread of a driver; children start with the signals as they were.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int descriptor() const { return descriptor_; }
  int Take();  // How many have arrived since the last call.

 private:
  sigset_t before_;
  int descriptor_;
};

}  // namespace yoake::studies
