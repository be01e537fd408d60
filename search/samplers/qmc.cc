#include "search/samplers/qmc.h"

#include "core/did_you_mean.h"
#include "core/json_reader.h"
#include "search/samplers/low_discrepancy.h"
#include "search/unit_interval.h"

namespace yoake::search {
namespace {

// The same for every trial of a study: the scramble is the study's, the trial only picks a point.
std::vector<double> PointOf(QmcOptions::Sequence sequence, std::size_t dimensions, int trial_number,
                            const RandomStream& stream) {
  const auto index = static_cast<std::uint32_t>(trial_number);
  if (sequence == QmcOptions::Sequence::kSobol) return SobolSequence(dimensions, stream).Point(index);
  return HaltonSequence(dimensions, stream).Point(index);
}

class QmcSampler final : public Sampler {
 public:
  explicit QmcSampler(QmcOptions options) : options_(options) {}

  Suggestion Suggest(const SearchSpace& space, const History&, int trial_number,
                     RandomStream stream) const override {
    const auto& entries = space.entries();
    const std::vector<double> point =
        PointOf(options_.sequence, entries.size(), trial_number, stream.Split("qmc"));
    Suggestion suggestion;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!SearchSpace::IsActive(entries[i], suggestion.params)) continue;
      suggestion.params[entries[i].name] = {entries[i].distribution,
                                            FromUnit(entries[i].distribution, point[i])};
    }
    return suggestion;
  }

 private:
  QmcOptions options_;
};

}  // namespace

std::unique_ptr<Sampler> MakeQmcSampler(QmcOptions options) { return std::make_unique<QmcSampler>(options); }

std::unique_ptr<Sampler> MakeQmcSampler(const JsonReader& reader) {
  QmcOptions options;
  if (const auto sequence = reader.Find("sequence")) {
    const std::string name = sequence->AsString();
    if (name == "halton") {
      options.sequence = QmcOptions::Sequence::kHalton;
    } else if (name != "sobol") {
      sequence->Fail("unknown sequence '" + name + "'" + DidYouMean(name, {"halton", "sobol"}));
    }
  }
  reader.Finish();
  return MakeQmcSampler(options);
}

}  // namespace yoake::search
