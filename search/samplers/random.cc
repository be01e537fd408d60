#include "search/samplers/random.h"

#include <cmath>

#include "core/json_reader.h"

namespace yoake::search {
namespace {

class RandomSampler final : public Sampler {
 public:
  Suggestion Suggest(const SearchSpace& space, const History&, int trial_number,
                     RandomStream stream) const override {
    RandomStream draws = stream.Split("random").Split(static_cast<std::uint64_t>(trial_number));
    Suggestion suggestion;
    for (const SpaceEntry& entry : space.entries()) {
      if (!SearchSpace::IsActive(entry, suggestion.params)) continue;
      suggestion.params[entry.name] = {entry.distribution, DrawUniformly(entry.distribution, &draws)};
    }
    return suggestion;
  }
};

}  // namespace

double DrawUniformly(const Distribution& distribution, RandomStream* stream) {
  if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) {
    return static_cast<double>(stream->Below(d->choices.size()));
  }
  const NumericRange range = *AsNumeric(distribution);
  if (range.log) {  // An integer takes the half unit around it, so that its ends are as likely as their
                    // logarithm says.
    const double half = range.step / 2;
    return Snap(range, std::exp(stream->Uniform(std::log(range.low - half), std::log(range.high + half))));
  }
  if (range.step > 0) {
    const auto last = static_cast<std::int64_t>(std::round((range.high - range.low) / range.step));
    return Snap(range, range.low + static_cast<double>(stream->Int(0, last)) * range.step);
  }
  return Snap(range, stream->Uniform(range.low, range.high));
}

std::unique_ptr<Sampler> MakeRandomSampler() { return std::make_unique<RandomSampler>(); }

std::unique_ptr<Sampler> MakeRandomSampler(const JsonReader& reader) {
  reader.Finish();
  return MakeRandomSampler();
}

}  // namespace yoake::search
