// bench_coverage TRUTH.json [REPETITIONS [REPLICATES [THREADS [BOXES,BOXES,BOXES [easy] [clumped]
// [seeds=N] [frames=N] [images=N,N]]]]]
//
// easy: detectors that nearly always find and fit, so that columns press against 1. clumped: all boxes of an
// image are of one category, so that a rare one lies in few images. seeds=N: each model is N trainings of
// varying luck, and the true difference is that of the recipes. frames=N: the images are frames of drives,
// N each; intervals are made by drawing images and by drawing drives. images=N,N: sizes of the set
// (200,2000). How often the 95 % interval of a difference between two detectors holds the true difference, by
// method, for the whole set and for categories of few and many boxes. The detectors are simulated
// (simulated_detector.h) on images drawn from TRUTH.json, so the true difference is known from a very large
// draw. Prints the table of docs/uncertainty.md.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "datasets/read.h"
#include "metrics/coco/coco_eval.h"
#include "metrics/uncertainty/column_draws.h"
#include "metrics/uncertainty/statistics.h"
#include "tests/metrics/simulated_detector.h"

namespace yoake::metrics {
namespace {

constexpr std::array kMethods = {IntervalMethod::kStudent, IntervalMethod::kPercentile, IntervalMethod::kBca};
constexpr std::array kMethodNames = {"student", "percentile", "bca"};
constexpr std::array<std::size_t, 2> kShown = {0, 1};  // Columns: mAP and mAP_50.

struct Experiment {
  datasets::Dataset base;
  int images = 0;
  SimulationOptions options;
  std::size_t seeds = 1;  // Trainings a model.
  std::vector<int> sizes = {200, 2000};
  int repetitions = 0;
  int replicates = 0;
  int threads = 1;
  bool easy = false;
};

// The trainings of the baseline, then those of the better model. With several, each has its own luck.
std::vector<SimulatedDetector> DrawDetectors(const Experiment& experiment, const RandomStream& stream) {
  constexpr double kLuck = 0.15;  // Log-odds of a miss: about 0.02 mAP.
  RandomStream random = stream.Split("trainings");
  std::vector<SimulatedDetector> detectors;
  for (const bool better : {false, true}) {
    for (std::size_t seed = 0; seed < experiment.seeds; ++seed) {
      SimulatedDetector detector;
      if (experiment.easy) detector = {-3.2, 0.04, 0.2, 0.5, 0.02};
      detector.miss -= better ? 0.4 : 0;
      detector.shake -= better ? 0.01 : 0;
      if (experiment.seeds > 1) detector.miss += kLuck * random.Normal();
      detectors.push_back(detector);
    }
  }
  return detectors;
}

// What a replicate draws.
struct Drawn {
  const char* name;
  ResamplingUnits units;
};

std::vector<Drawn> WaysToDraw(const Experiment& experiment) {
  const auto images = static_cast<std::size_t>(experiment.images);
  std::vector<Drawn> ways = {{"images", EachImage(images)}};
  const auto frames = static_cast<std::size_t>(experiment.options.frames);
  if (frames == 1) return ways;
  std::vector<std::string> drives;
  for (std::size_t image = 0; image < images; ++image) drives.push_back(std::to_string(image / frames));
  ways.push_back({"drives", UnitsByKey(drives)});
  return ways;
}

using Cells = std::vector<std::array<double, kShown.size()>>;  // [rows] of one column each.

Cells DifferencesOf(const Simulation& simulation) {
  LaneWeights ones(simulation.truth.images.size());
  for (LaneWeight& weight : ones) weight.lane.fill(1);
  Cells cells;
  const std::size_t seeds = simulation.detections.size() / 2;
  for (std::size_t d = 0; d < 2 * seeds; ++d) {
    const double sign = (d < seeds ? -1.0 : 1.0) / static_cast<double>(seeds);
    const auto means = ReweightedAp(MatchCoco(simulation.truth, simulation.detections[d])).Evaluate(ones);
    cells.resize(means.size());
    for (std::size_t row = 0; row < means.size(); ++row) {
      for (std::size_t i = 0; i < kShown.size(); ++i) {
        cells[row][i] += sign * means[row].sum[kShown[i]][0] / std::max(1.0, means[row].count[kShown[i]][0]);
      }
    }
  }
  return cells;
}

// The mean over parts of a very large draw: 500 times the images of one repetition.
Cells TrueDifferences(const Experiment& experiment, const RandomStream& stream) {
  constexpr std::size_t kParts = 50;
  std::vector<Cells> parts(kParts);
  ParallelFor(kParts, experiment.threads, [&](std::size_t part) {
    parts[part] = DifferencesOf(Simulate(experiment.base, 10 * experiment.images, experiment.options,
                                         DrawDetectors(experiment, stream.Split(part)), stream.Split(part)));
  });
  Cells mean(parts.front().size());
  for (const Cells& part : parts) {
    for (std::size_t row = 0; row < mean.size(); ++row) {
      for (std::size_t i = 0; i < kShown.size(); ++i) mean[row][i] += part[row][i] / kParts;
    }
  }
  return mean;
}

struct Tally {
  int intervals = 0;
  int above = 0;  // The truth lies above the interval.
  int below = 0;
  double width = 0;
  double error = 0;  // Observed minus true.
};

class Tallies {
 public:
  Tallies(const Experiment& experiment, const Cells& truth)
      : experiment_(experiment), truth_(truth), drawn_(WaysToDraw(experiment)), tallies_(drawn_.size()) {
    for (auto& by_method : tallies_) by_method.fill(Rows(truth.size()));
  }

  void Repeat(const RandomStream& stream, std::uint64_t seed) {
    const Simulation simulation = Simulate(experiment_.base, experiment_.images, experiment_.options,
                                           DrawDetectors(experiment_, stream), stream);
    std::vector<MatchedSet> sets;
    std::vector<ReweightedAp> engines;
    for (const auto& detections : simulation.detections) {
      sets.push_back(MatchCoco(simulation.truth, detections));
      engines.emplace_back(sets.back());
    }
    std::vector<const ReweightedAp*> models;
    for (const ReweightedAp& engine : engines) models.push_back(&engine);
    BootstrapOptions options;
    options.replicates = experiment_.replicates;
    options.seed = seed;
    for (std::size_t way = 0; way < drawn_.size(); ++way) {
      const ResamplingUnits& units = drawn_[way].units;
      std::vector<ModelDraws> draws = Bootstrap(models, units, options);
      const auto middle = draws.begin() + static_cast<std::ptrdiff_t>(experiment_.seeds);
      const Seeds baseline(std::make_move_iterator(draws.begin()), std::make_move_iterator(middle));
      const Seeds candidate(std::make_move_iterator(middle), std::make_move_iterator(draws.end()));
      for (std::size_t i = 0; i < kShown.size(); ++i) {
        Count(CollectColumn(candidate, &baseline, TruthCounts(sets[0], units), kShown[i]), i, &tallies_[way]);
      }
    }
  }

  void Print() const {
    for (std::size_t row = 0; row < truth_.size(); ++row) {
      for (std::size_t i = 0; i < kShown.size(); ++i) {
        for (std::size_t way = 0; way < drawn_.size(); ++way) {
          for (std::size_t m = 0; m < kMethods.size(); ++m) {
            const Tally& tally = tallies_[way][m][row][i];
            const double n = std::max(1, tally.intervals);
            std::printf("| %d | %s | %s | %s | %s | %.1f %% | %.1f / %.1f %% | %.4f | %+.4f | %+.4f |\n",
                        experiment_.images,
                        row + 1 == truth_.size() ? "whole set" : experiment_.options.categories[row].c_str(),
                        MetricNames()[kShown[i]].c_str(), drawn_[way].name, kMethodNames[m],
                        100 * (1 - (tally.above + tally.below) / n), 100 * tally.below / n,
                        100 * tally.above / n, tally.width / n / 2, truth_[row][i], tally.error / n);
          }
        }
      }
    }
    std::fflush(stdout);
  }

 private:
  using Rows = std::vector<std::array<Tally, kShown.size()>>;
  using ByMethod = std::array<Rows, kMethods.size()>;

  void Count(const std::vector<std::optional<Draws>>& column, std::size_t i, ByMethod* tallies) {
    std::array<std::vector<Interval>, kMethods.size()> intervals;
    for (std::size_t m = 0; m < kMethods.size(); ++m) {
      for (const auto& draws : column) {
        intervals[m].push_back(draws ? MakeInterval(*draws, 0.95, kMethods[m]) : Interval());
      }
    }
    const std::lock_guard lock(mutex_);
    for (std::size_t m = 0; m < kMethods.size(); ++m) {
      for (std::size_t row = 0; row < column.size(); ++row) {
        if (!column[row]) continue;
        Tally& tally = (*tallies)[m][row][i];
        const double truth = truth_[row][i];
        ++tally.intervals;
        tally.above += truth > intervals[m][row].high;
        tally.below += truth < intervals[m][row].low;
        tally.width += intervals[m][row].high - intervals[m][row].low;
        tally.error += column[row]->observed - truth;
      }
    }
  }

  const Experiment& experiment_;
  const Cells& truth_;
  std::vector<Drawn> drawn_;
  std::mutex mutex_;
  std::vector<ByMethod> tallies_;  // [drawn_]
};

template <typename Number>
std::vector<Number> ParseList(const std::string& text) {
  std::vector<Number> numbers;
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    numbers.push_back(static_cast<Number>(std::atof(item.c_str())));
  }
  return numbers;
}

int AtLeastOne(const std::string& text) { return std::max(1, std::atoi(text.c_str())); }

// The words after the boxes.
void ParseWord(const std::string& word, Experiment* experiment) {
  const std::string value = word.substr(word.find('=') + 1);
  experiment->easy |= word == "easy";
  experiment->options.clumped |= word == "clumped";
  if (word.starts_with("seeds=")) experiment->seeds = static_cast<std::size_t>(AtLeastOne(value));
  if (word.starts_with("frames=")) experiment->options.frames = AtLeastOne(value);
  if (word.starts_with("images=")) experiment->sizes = ParseList<int>(value);
}

void Run(Experiment experiment, const std::vector<double>& boxes) {
  std::printf(
      "%d repetitions, %d replicates; true difference beside the mean error of the observed one\n\n"
      "| images | boxes | column | drawn | method | covers | truth below / above | half width | true | bias "
      "|\n"
      "|---:|---|---|---|---|---:|---:|---:|---:|---:|\n",
      experiment.repetitions, experiment.replicates);
  for (const double count : boxes) experiment.options.categories.push_back(fmt::format("{}", count));
  for (const int images : experiment.sizes) {
    experiment.images = images;
    experiment.options.shares = SharesFor(experiment.base, images, boxes);
    const RandomStream stream = RandomStream(7).Split(static_cast<std::uint64_t>(images));
    const Cells truth = TrueDifferences(experiment, stream.Split("truth"));
    Tallies tallies(experiment, truth);
    ParallelFor(static_cast<std::size_t>(experiment.repetitions), experiment.threads,
                [&](std::size_t i) { tallies.Repeat(stream.Split("repetition").Split(i), i); });
    tallies.Print();
  }
}

}  // namespace
}  // namespace yoake::metrics

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr,
                 "usage: bench_coverage TRUTH.json [REPETITIONS [REPLICATES [THREADS [BOXES,.. [easy] "
                 "[clumped] [seeds=N] [frames=N] [images=N,N]]]]]\n");
    return 2;
  }
  try {
    yoake::metrics::Experiment experiment;
    experiment.base = yoake::datasets::ReadCoco(argv[1]);
    experiment.repetitions = argc > 2 ? std::atoi(argv[2]) : 500;
    experiment.replicates = argc > 3 ? std::atoi(argv[3]) : 1000;
    experiment.threads = argc > 4 ? std::atoi(argv[4]) : 1;
    for (int i = 6; i < argc; ++i) yoake::metrics::ParseWord(argv[i], &experiment);
    yoake::metrics::Run(std::move(experiment),
                        yoake::metrics::ParseList<double>(argc > 5 ? argv[5] : "30,100,300,1000"));
  } catch (const yoake::Error& error) {
    std::fprintf(stderr, "bench_coverage: %s\n", error.what());
    return 1;
  }
}
