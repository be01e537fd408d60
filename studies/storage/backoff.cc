#include "studies/storage/backoff.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace yoake::studies {

bool Backoff::Pause() {
  if (SteadySeconds() >= end_) return false;
  // Of the machine, not of a named stream: processes that start alike must not wait alike.
  thread_local std::minstd_rand random(std::random_device{}());
  const double share = std::uniform_real_distribution<double>(0.5, 1)(random);
  std::this_thread::sleep_for(std::chrono::duration<double>(share * pause_s_));
  pause_s_ = std::min(2 * pause_s_, longest_pause_s_);
  return true;
}

}  // namespace yoake::studies
