#include "search/pruners/single_objective.h"

#include "core/error.h"

namespace yoake::search {

Direction SingleDirection(const History& history) {
  if (history.directions.size() == 1) return history.directions.front();
  throw Error(ErrorKind::kConfig, "pruning needs a study of one objective, this one has " +
                                      std::to_string(history.directions.size()) +
                                      "; use the pruner \"none\"");
}

bool IsWorse(double value, double than, Direction direction) {
  return direction == Direction::kMaximize ? value < than : value > than;
}

}  // namespace yoake::search
