#include "search/pruners/none.h"

#include "core/json_reader.h"

namespace yoake::search {
namespace {

class NonePruner final : public Pruner {
 public:
  PruneDecision Decide(const History&, const TrialRecord&) const override { return {}; }
};

}  // namespace

std::unique_ptr<Pruner> MakeNonePruner(const JsonReader& reader) {
  reader.Finish();
  return std::make_unique<NonePruner>();
}

}  // namespace yoake::search
