#include "search/terminator.h"

#include <array>
#include <utility>

#include "core/did_you_mean.h"
#include "core/json_reader.h"
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

struct NamedTerminator {
  const char* name;
  std::unique_ptr<Terminator> (*make)(const JsonReader& options);
};

constexpr std::array kTerminators = {
    NamedTerminator{"noise", MakeNoiseTerminator},
    NamedTerminator{"none", MakeNone},
    NamedTerminator{"regret_bound", MakeRegretBoundTerminator},
    NamedTerminator{"stagnation", MakeStagnationTerminator},
    NamedTerminator{"wall_clock", MakeWallClockTerminator},
};

std::unique_ptr<Terminator> Make(const JsonReader& options) {
  const JsonReader type = options.At("type");
  const std::string name = type.AsString();
  for (const NamedTerminator& terminator : kTerminators) {
    if (name == terminator.name) return terminator.make(options);
  }
  type.Fail("unknown terminator '" + name + "'" + DidYouMean(name, TerminatorNames()));
}

}  // namespace

std::unique_ptr<Terminator> MakeTerminator(const JsonReader& reader) {
  if (reader.value().is_array()) {
    std::vector<std::unique_ptr<Terminator>> terminators;
    for (const JsonReader& one : reader.AsArray()) terminators.push_back(MakeTerminator(one));
    return std::make_unique<AnyTerminator>(std::move(terminators));
  }
  if (!reader.value().is_string()) return Make(reader);
  const nlohmann::json options = {{"type", reader.value()}};
  return Make(JsonReader(options, reader.source(), reader.path()));
}

std::vector<std::string> TerminatorNames() {
  std::vector<std::string> names;
  for (const NamedTerminator& terminator : kTerminators) names.emplace_back(terminator.name);
  return names;
}

}  // namespace yoake::search
