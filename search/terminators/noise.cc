#include "search/terminators/noise.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "search/option_checks.h"
#include "search/pruners/objective.h"
#include "search/terminators/progress.h"

namespace yoake::search {
namespace {

class NoiseTerminator final : public Terminator {
 public:
  explicit NoiseTerminator(NoiseOptions options) : options_(std::move(options)) {}

  StopDecision Decide(const SearchSpace&, const History& history, double) const override {
    const auto best = BestSoFar(history, options_.objective);
    const auto window = static_cast<std::size_t>(options_.n_trials);
    if (best.size() <= window) return {};
    const auto before = best[best.size() - 1 - window];
    if (!before) return {};
    const double gain = best.back() == before ? 0 : std::abs(*best.back() - *before);
    if (gain >= options_.difference) return {};
    return {true,
            fmt::format("the last {} trials improved the best value by {:.4g}, less than the {:.4g} that "
                        "can be told from chance",
                        window, gain, options_.difference)};
  }

 private:
  NoiseOptions options_;
};

}  // namespace

void NoiseOptions::Validate() const {
  RequireAbove("difference", difference, 0);
  RequireAtLeast("n_trials", n_trials, 1);
}

std::unique_ptr<Terminator> MakeNoiseTerminator(NoiseOptions options) {
  options.Validate();
  return std::make_unique<NoiseTerminator>(std::move(options));
}

std::unique_ptr<Terminator> MakeNoiseTerminator(const JsonReader& reader) {
  NoiseOptions options;
  options.difference = reader.At("difference").AsDouble();
  reader.Read("n_trials", &options.n_trials);
  ReadObjective(reader, &options.objective);
  reader.Finish();
  return Checked(reader, [&] { return MakeNoiseTerminator(options); });
}

}  // namespace yoake::search
