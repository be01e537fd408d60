#pragma once

#include <memory>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/space.h"

namespace yoake {
class JsonReader;
}

namespace yoake::search {

struct StopDecision {
  bool stop = false;
  std::string reason;  // For people: "no better trial among the last 30".
};

// Decides before a trial is begun whether the search should end: what has been found is as good as it will
// get, or as good as can be told. Running trials go on to their end. Pure and thread-safe; a decision to stop
// is not taken back by more trials of the same kind, so a resumed study stops again.
class Terminator {
 public:
  virtual ~Terminator() = default;
  // `now_s`: seconds since the epoch, UTC.
  virtual StopDecision Decide(const SearchSpace& space, const History& history, double now_s) const = 0;
};

// "none" | {"type":"stagnation",...} | a list, of which any stops; unknown names and keys are errors.
std::unique_ptr<Terminator> MakeTerminator(const JsonReader& reader);
std::vector<std::string> TerminatorNames();

}  // namespace yoake::search
