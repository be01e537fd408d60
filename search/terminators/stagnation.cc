#include "search/terminators/stagnation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "search/option_checks.h"
#include "search/pruners/objective.h"
#include "search/terminators/progress.h"

namespace yoake::search {
namespace {

class StagnationTerminator final : public Terminator {
 public:
  explicit StagnationTerminator(StagnationOptions options) : options_(std::move(options)) {}

  StopDecision Decide(const SearchSpace&, const History& history, double) const override {
    const auto best = BestSoFar(history, options_.objective);
    if (best.empty() || !best.back()) return {};
    const auto since = best.end() - std::find(best.begin(), best.end(), best.back()) - 1;
    if (since < options_.n_trials) return {};
    return {true, fmt::format("no trial of the last {} was better than {:.6g}", since, *best.back())};
  }

 private:
  StagnationOptions options_;
};

}  // namespace

void StagnationOptions::Validate() const { RequireAtLeast("n_trials", n_trials, 1); }

std::unique_ptr<Terminator> MakeStagnationTerminator(StagnationOptions options) {
  options.Validate();
  return std::make_unique<StagnationTerminator>(std::move(options));
}

std::unique_ptr<Terminator> MakeStagnationTerminator(const JsonReader& reader) {
  StagnationOptions options;
  reader.Read("n_trials", &options.n_trials);
  ReadObjective(reader, &options.objective);
  reader.Finish();
  return Checked(reader, [&] { return MakeStagnationTerminator(options); });
}

}  // namespace yoake::search
