#pragma once

#include "core/clock.h"

namespace yoake::studies {

// When to try again what may succeed later: pauses double from 2 ms to `longest_pause_s`, each shortened at
// random by up to a half so that processes in each other's way part, until `patience_s` has passed.
class Backoff {
 public:
  Backoff(double patience_s, double longest_pause_s)
      : end_(SteadySeconds() + patience_s), longest_pause_s_(longest_pause_s) {}

  // Sleeps; false at once when the patience is at its end.
  bool Pause();

 private:
  double end_;
  double longest_pause_s_;
  double pause_s_ = 0.002;
};

}  // namespace yoake::studies
