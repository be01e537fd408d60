#include "search/sampler.h"

#include <array>

#include "search/named_type.h"
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

constexpr std::array kSamplers = {
    NamedType<Sampler>{"auto", MakeAutoSampler},     NamedType<Sampler>{"cmaes", MakeCmaesSampler},
    NamedType<Sampler>{"gp", MakeGpSampler},         NamedType<Sampler>{"grid", MakeGridSampler},
    NamedType<Sampler>{"nsga2", MakeNsga2Sampler},   NamedType<Sampler>{"qmc", MakeQmcSampler},
    NamedType<Sampler>{"random", MakeRandomSampler}, NamedType<Sampler>{"tpe", MakeTpeSampler},
};

}  // namespace

std::unique_ptr<Sampler> MakeSampler(const JsonReader& reader) {
  return MakeNamed(kSamplers, "sampler", reader);
}

std::vector<std::string> SamplerNames() { return NamesOf(kSamplers); }

}  // namespace yoake::search
