// What each pruner saves and loses on learning curves, which are replayed as whole studies in 50 orders.
//
//   bench_pruners                                         60 recorded trainings of a detector
//   bench_pruners synthetic                               60 drawn curves of 20 epochs, higher is better
//   bench_pruners sqlite:////path/study.db [STUDY]        the reports of a store's complete trials
//   bench_pruners COLUMN RUN/results.csv RUN/results.csv .. one file a training, higher is better

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/json_reader.h"
#include "core/rng.h"
#include "search/pruner.h"
#include "search/pruners/objective.h"
#include "studies/storage/storage.h"
#include "tests/search/replay.h"

namespace yoake::search {
namespace {

constexpr int kOrders = 50;

const char* const kPruners[] = {
    R"({"type":"none"})",
    R"({"type":"median"})",
    R"({"type":"median","n_warmup_steps":4})",
    R"({"type":"median","n_warmup_steps":8})",
    R"({"type":"percentile","percentile":25,"n_warmup_steps":8})",
    R"({"type":"percentile","percentile":75,"n_warmup_steps":8})",
    R"({"type":"asha"})",
    R"({"type":"asha","min_resource":4,"reduction_factor":2})",
    R"({"type":"asha","min_resource":6,"reduction_factor":2})",
    R"({"type":"hyperband"})",
    R"({"type":"hyperband","min_resource":4,"reduction_factor":2})",
    R"({"type":"patient","patience":1,"wrapped":"median"})",
    R"({"type":"patient","patience":2,"wrapped":"median"})",
    R"({"type":"patient","patience":3})",
};

struct Curves {
  std::vector<LearningCurve> curves;
  Direction direction = Direction::kMaximize;
};

// Saturating rises with noise, as in golden/make_golden.py.
Curves Synthetic() {
  RandomStream draws(11);
  Curves drawn;
  for (int i = 0; i < 60; ++i) {
    const double top = draws.Uniform(0.1, 0.8), speed = draws.Uniform(0.05, 0.8);
    const double noise = draws.Chance(0.5) ? 0.005 : 0.03;
    LearningCurve& curve = drawn.curves.emplace_back();
    for (int epoch = 1; epoch <= 20; ++epoch) {
      curve[epoch] = top * (1 - std::exp(-speed * epoch)) + noise * draws.Normal();
    }
  }
  return drawn;
}

Curves FromStore(const std::string& url, const std::string& study) {
  const auto storage = studies::OpenStorage(url, studies::OpenMode::kExisting);
  const History history = storage->ReadHistory(study.empty() ? storage->Studies().front().name : study);
  Curves recorded{{}, history.directions.front()};
  for (const TrialRecord& trial : history.trials) {
    if (trial.state == TrialState::kComplete && !trial.intermediate.empty()) {
      recorded.curves.push_back(trial.intermediate);
    }
  }
  return recorded;
}

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) {
    const auto begin = cell.find_first_not_of(" \"");
    const auto end = cell.find_last_not_of(" \"\r");
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

Curves FromCsv(const std::string& column, const std::vector<std::string>& files) {
  Curves recorded;
  for (const std::string& name : files) {
    std::ifstream file(name);
    std::string line;
    std::getline(file, line);
    const std::vector<std::string> titles = Cells(line);
    const auto place =
        static_cast<std::size_t>(std::find(titles.begin(), titles.end(), column) - titles.begin());
    if (place == titles.size()) throw Error(ErrorKind::kUsage, "there is no column '" + column + "'", name);
    LearningCurve& curve = recorded.curves.emplace_back();
    for (int epoch = 1; std::getline(file, line); ++epoch) curve[epoch] = std::stod(Cells(line).at(place));
  }
  return recorded;
}

void Judge(const Curves& recorded) {
  fmt::print("{} curves\n{:<66} {:>12} {:>10} {:>12}\n", recorded.curves.size(), "pruner", "epochs saved",
             "best lost", "mean regret");
  for (const char* text : kPruners) {
    const nlohmann::json options = nlohmann::json::parse(text);
    const PrunerWorth worth =
        WorthOf(*MakePruner(JsonReader(options, "bench")), recorded.curves, recorded.direction, kOrders);
    fmt::print("{:<66} {:>10.0f} % {:>7}/{} {:>12.4f}\n", text, 100 * worth.saved, worth.lost_best, kOrders,
               worth.regret);
  }
}

Curves Read(const std::vector<std::string>& words) {
  if (words.empty()) return {DetectorCurves(), Direction::kMaximize};
  if (words[0] == "synthetic") return Synthetic();
  if (words[0].find("://") != std::string::npos) return FromStore(words[0], words.size() > 1 ? words[1] : "");
  return FromCsv(words[0], {words.begin() + 1, words.end()});
}

}  // namespace
}  // namespace yoake::search

int main(int argc, char** argv) {
  try {
    yoake::search::Judge(yoake::search::Read({argv + 1, argv + argc}));
    return 0;
  } catch (const yoake::Error& error) {
    fmt::print(stderr, "bench_pruners: {}\n", error.what());
    return 2;
  }
}
