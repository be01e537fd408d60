#include "search/sampler.h"

#include <array>

#include "core/did_you_mean.h"
#include "core/json_reader.h"
#include "search/samplers/auto.h"
#include "search/samplers/cmaes.h"
#include "search/samplers/gp.h"
#include "search/samplers/grid.h"
#include "search/samplers/nsga2.h"
#include "search/samplers/qmc.h"
#include "search/samplers/random.h"
#include "search/samplers/tpe.h"

namespace yoake::search {
namespace {

struct NamedSampler {
  const char* name;
  std::unique_ptr<Sampler> (*make)(const JsonReader& options);
};

constexpr std::array kSamplers = {
    NamedSampler{"auto", MakeAutoSampler},     NamedSampler{"cmaes", MakeCmaesSampler},
    NamedSampler{"gp", MakeGpSampler},         NamedSampler{"grid", MakeGridSampler},
    NamedSampler{"nsga2", MakeNsga2Sampler},   NamedSampler{"qmc", MakeQmcSampler},
    NamedSampler{"random", MakeRandomSampler}, NamedSampler{"tpe", MakeTpeSampler},
};

std::unique_ptr<Sampler> Make(const JsonReader& options) {
  const JsonReader type = options.At("type");
  const std::string name = type.AsString();
  for (const NamedSampler& sampler : kSamplers) {
    if (name == sampler.name) return sampler.make(options);
  }
  type.Fail("unknown sampler '" + name + "'" + DidYouMean(name, SamplerNames()));
}

}  // namespace

std::unique_ptr<Sampler> MakeSampler(const JsonReader& reader) {
  if (!reader.value().is_string()) return Make(reader);
  const nlohmann::json options = {{"type", reader.value()}};
  return Make(JsonReader(options, reader.source(), reader.path()));
}

std::vector<std::string> SamplerNames() {
  std::vector<std::string> names;
  for (const NamedSampler& sampler : kSamplers) names.emplace_back(sampler.name);
  return names;
}

}  // namespace yoake::search
