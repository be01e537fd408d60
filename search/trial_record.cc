#include "search/trial_record.h"

#include <array>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake::search {
namespace {

constexpr std::array kDirections = {std::pair{Direction::kMinimize, "minimize"},
                                    std::pair{Direction::kMaximize, "maximize"}};

constexpr std::array kStates = {
    std::pair{TrialState::kRunning, "RUNNING"}, std::pair{TrialState::kComplete, "COMPLETE"},
    std::pair{TrialState::kPruned, "PRUNED"},   std::pair{TrialState::kFail, "FAIL"},
    std::pair{TrialState::kWaiting, "WAITING"},
};

template <typename Table, typename T>
std::string NameIn(const Table& table, T value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  throw Error(ErrorKind::kInternal, "an enumerator without a name");
}

template <typename Table>
auto ValueIn(const Table& table, const std::string& text, const std::string& what) {
  std::vector<std::string> names;
  for (const auto& [known, name] : table) {
    if (text == name) return known;
    names.emplace_back(name);
  }
  throw Error(ErrorKind::kConfig, "unknown " + what + " '" + text + "'" + DidYouMean(text, names));
}

}  // namespace

std::string ToString(Direction direction) { return NameIn(kDirections, direction); }
Direction ParseDirection(const std::string& text) { return ValueIn(kDirections, text, "direction"); }

std::string ToString(TrialState state) { return NameIn(kStates, state); }
TrialState ParseTrialState(const std::string& text) { return ValueIn(kStates, text, "trial state"); }

bool IsFinished(TrialState state) { return state != TrialState::kRunning && state != TrialState::kWaiting; }

}  // namespace yoake::search
