#include "search/pruner.h"

#include <array>

#include "search/named_type.h"
#include "search/pruners/asha.h"
#include "search/pruners/hyperband.h"
#include "search/pruners/none.h"
#include "search/pruners/patient.h"
#include "search/pruners/percentile.h"
#include "search/pruners/threshold.h"
#include "search/pruners/wilcoxon.h"

namespace yoake::search {
namespace {

constexpr std::array kPruners = {
    NamedType<Pruner>{"asha", MakeAshaPruner},
    NamedType<Pruner>{"hyperband", MakeHyperbandPruner},
    NamedType<Pruner>{"median", MakeMedianPruner},
    NamedType<Pruner>{"none", MakeNonePruner},
    NamedType<Pruner>{"patient", MakePatientPruner},
    NamedType<Pruner>{"percentile", MakePercentilePruner},
    NamedType<Pruner>{"threshold", MakeThresholdPruner},
    NamedType<Pruner>{"wilcoxon", MakeWilcoxonPruner},
};

}  // namespace

std::unique_ptr<Pruner> MakePruner(const JsonReader& reader) { return MakeNamed(kPruners, "pruner", reader); }

std::vector<std::string> PrunerNames() { return NamesOf(kPruners); }

}  // namespace yoake::search
