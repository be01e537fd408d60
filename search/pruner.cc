#include "search/pruner.h"

#include <array>

#include "core/did_you_mean.h"
#include "core/json_reader.h"
#include "search/pruners/asha.h"
#include "search/pruners/hyperband.h"
#include "search/pruners/none.h"
#include "search/pruners/patient.h"
#include "search/pruners/percentile.h"
#include "search/pruners/threshold.h"
#include "search/pruners/wilcoxon.h"

namespace yoake::search {
namespace {

struct NamedPruner {
  const char* name;
  std::unique_ptr<Pruner> (*make)(const JsonReader& options);
};

constexpr std::array kPruners = {
    NamedPruner{"asha", MakeAshaPruner},           NamedPruner{"hyperband", MakeHyperbandPruner},
    NamedPruner{"median", MakeMedianPruner},       NamedPruner{"none", MakeNonePruner},
    NamedPruner{"patient", MakePatientPruner},     NamedPruner{"percentile", MakePercentilePruner},
    NamedPruner{"threshold", MakeThresholdPruner}, NamedPruner{"wilcoxon", MakeWilcoxonPruner},
};

std::unique_ptr<Pruner> Make(const JsonReader& options) {
  const JsonReader type = options.At("type");
  const std::string name = type.AsString();
  for (const NamedPruner& pruner : kPruners) {
    if (name == pruner.name) return pruner.make(options);
  }
  type.Fail("unknown pruner '" + name + "'" + DidYouMean(name, PrunerNames()));
}

}  // namespace

std::unique_ptr<Pruner> MakePruner(const JsonReader& reader) {
  if (!reader.value().is_string()) return Make(reader);
  const nlohmann::json options = {{"type", reader.value()}};
  return Make(JsonReader(options, reader.source(), reader.path()));
}

std::vector<std::string> PrunerNames() {
  std::vector<std::string> names;
  for (const NamedPruner& pruner : kPruners) names.emplace_back(pruner.name);
  return names;
}

}  // namespace yoake::search
