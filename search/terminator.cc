#include "search/terminator.h"

#include <array>
#include <utility>

#include "search/named_type.h"
#include "search/terminators/noise.h"
#include "search/terminators/regret_bound.h"
#include "search/terminators/stagnation.h"
#include "search/terminators/wall_clock.h"

namespace yoake::search {
namespace {

// Stops when one of them does; none of them, never.
class AnyTerminator final : public Terminator {
 public:
  explicit AnyTerminator(std::vector<std::unique_ptr<Terminator>> terminators)
      : terminators_(std::move(terminators)) {}

  StopDecision Decide(const SearchSpace& space, const History& history, double now_s) const override {
    for (const auto& terminator : terminators_) {
      if (StopDecision decision = terminator->Decide(space, history, now_s); decision.stop) return decision;
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<Terminator>> terminators_;
};

std::unique_ptr<Terminator> MakeNone(const JsonReader& options) {
  options.Finish();
  return std::make_unique<AnyTerminator>(std::vector<std::unique_ptr<Terminator>>());
}

constexpr std::array kTerminators = {
    NamedType<Terminator>{"noise", MakeNoiseTerminator},
    NamedType<Terminator>{"none", MakeNone},
    NamedType<Terminator>{"regret_bound", MakeRegretBoundTerminator},
    NamedType<Terminator>{"stagnation", MakeStagnationTerminator},
    NamedType<Terminator>{"wall_clock", MakeWallClockTerminator},
};

}  // namespace

std::unique_ptr<Terminator> MakeTerminator(const JsonReader& reader) {
  if (reader.value().is_array()) {
    std::vector<std::unique_ptr<Terminator>> terminators;
    for (const JsonReader& one : reader.AsArray()) terminators.push_back(MakeTerminator(one));
    return std::make_unique<AnyTerminator>(std::move(terminators));
  }
  return MakeNamed(kTerminators, "terminator", reader);
}

std::vector<std::string> TerminatorNames() { return NamesOf(kTerminators); }

}  // namespace yoake::search
