#include "search/pruners/objective.h"

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::search {
namespace {

// The names an objective may be called by.
std::vector<std::string> Words(const History& history) {
  std::vector<std::string> words = history.objective_names;
  for (std::size_t i = 0; i < history.directions.size(); ++i) words.push_back(std::to_string(i));
  return words;
}

}  // namespace

std::size_t ObjectiveIndex(const History& history, const std::string& objective) {
  const std::size_t n = history.directions.size();
  if (objective.empty()) {
    if (n == 1) return 0;
    throw Error(ErrorKind::kConfig, "the study has " + std::to_string(n) +
                                        " objectives; say by the pruner's option \"objective\" which of "
                                        "them its trials report, or use the pruner \"none\"");
  }
  const std::vector<std::string> words = Words(history);
  const auto found = std::find(words.begin(), words.end(), objective);
  if (found == words.end()) {
    throw Error(ErrorKind::kConfig, "the study has no objective '" + objective + "' for the pruner" +
                                        DidYouMean(objective, words));
  }
  const auto place = static_cast<std::size_t>(found - words.begin());
  return place < history.objective_names.size() ? place : place - history.objective_names.size();
}

Direction ObjectiveDirection(const History& history, const std::string& objective) {
  return history.directions[ObjectiveIndex(history, objective)];
}

void ReadObjective(const JsonReader& reader, std::string* objective) {
  const auto given = reader.Find("objective");
  if (!given) return;
  *objective = given->value().is_string() ? given->AsString() : std::to_string(given->AsInt());
  if (objective->empty()) given->Fail("expected the name or the place of an objective");
}

bool IsWorse(double value, double than, Direction direction) {
  return direction == Direction::kMaximize ? value < than : value > than;
}

}  // namespace yoake::search
