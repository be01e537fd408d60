#include "search/terminators/wall_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "search/option_checks.h"

namespace yoake::search {
namespace {

class WallClockTerminator final : public Terminator {
 public:
  explicit WallClockTerminator(WallClockOptions options) : options_(options) {}

  StopDecision Decide(const SearchSpace&, const History& history, double now_s) const override {
    std::optional<double> begin_s;
    for (const TrialRecord& trial : history.trials) {
      if (trial.started_s) begin_s = std::min(begin_s.value_or(*trial.started_s), *trial.started_s);
    }
    if (!begin_s || now_s - *begin_s < options_.hours * 3600) return {};
    return {true, fmt::format("{:.6g} hours have passed since the first trial began", options_.hours)};
  }

 private:
  WallClockOptions options_;
};

}  // namespace

void WallClockOptions::Validate() const { RequireAbove("hours", hours, 0); }

std::unique_ptr<Terminator> MakeWallClockTerminator(WallClockOptions options) {
  options.Validate();
  return std::make_unique<WallClockTerminator>(options);
}

std::unique_ptr<Terminator> MakeWallClockTerminator(const JsonReader& reader) {
  WallClockOptions options;
  options.hours = reader.At("hours").AsDouble();
  reader.Finish();
  return Checked(reader, [&] { return MakeWallClockTerminator(options); });
}

}  // namespace yoake::search
