#include "studies/alike_failures.h"

#include <fmt/format.h>

#include <algorithm>

namespace yoake::studies {
namespace {

// The message without what differs from trial to trial.
std::string WithoutNumbers(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }, '#');
  text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a == '#' && b == '#'; }),
             text.end());
  return text;
}

}  // namespace

void AlikeFailures::Add(const TrialStory& story, const TrialOutcome& outcome) {
  const bool in_the_study = outcome.reason == FailureReason::kData ||
                            outcome.reason == FailureReason::kCrashed ||
                            outcome.reason == FailureReason::kInternal;
  if (!in_the_study || !story.epochs.empty()) return;
  const std::string text = ToString(outcome.reason) + ": " + outcome.message;
  failures_.push_back(WithoutNumbers(text));
  if (std::count(failures_.begin(), failures_.end(), failures_.back()) >= kHopeless) example_ = text;
}

std::string AlikeFailures::Why() const {
  return fmt::format("given up: {} trials failed in the same way before their first epoch ({})", kHopeless,
                     example_);
}

}  // namespace yoake::studies
