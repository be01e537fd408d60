#include "search/pruners/interval.h"

#include <iterator>

namespace yoake::search {

bool IsFirstInInterval(const TrialRecord& trial, int n_warmup_steps, int interval_steps) {
  if (trial.intermediate.empty()) return false;
  const auto last = trial.intermediate.rbegin();
  const int since = last->first - n_warmup_steps;
  if (since < 0) return false;
  const int begin = n_warmup_steps + since / interval_steps * interval_steps;
  const auto previous = std::next(last);
  return previous == trial.intermediate.rend() || previous->first < begin;
}

}  // namespace yoake::search
