// bench_gate TRUTH.json [REPETITIONS [REPLICATES [THREADS [rare]]]]
//
// How often `yoake check` says regression, inconclusive and pass when the candidate is truly unchanged
// (another training of the same quality), when it is worse by exactly what is allowed, and when it dropped by
// 1, 2 and 5 points. Detectors are simulated (tests/metrics/simulated_detector.h) on images drawn from
// TRUTH.json and tuned until the true drop is the asked one. Prints the table of docs/uncertainty.md. Rows of
// a drop get a third of the repetitions. rare: a fourth category of about 5 boxes in 200 images, with and
// without --count-few.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "datasets/read.h"
#include "metrics/coco/coco_eval.h"
#include "reports/regression.h"
#include "tests/metrics/simulated_detector.h"

namespace yoake::reports {
namespace {

using metrics::SimulatedDetector;

struct Experiment {
  datasets::Dataset base;
  metrics::SimulationOptions options;
  int repetitions = 0;
  int replicates = 0;
  int threads = 1;
  bool rare = false;
};

SimulatedDetector WorseBy(double log_odds) {
  SimulatedDetector detector;
  detector.miss += log_odds;
  return detector;
}

double TrueDrop(const Experiment& experiment, double log_odds) {
  constexpr std::size_t kParts = 16;
  std::array<double, kParts> drops;
  ParallelFor(kParts, experiment.threads, [&](std::size_t part) {
    const metrics::Simulation simulation =
        Simulate(experiment.base, 4000, experiment.options, {WorseBy(0), WorseBy(log_odds)},
                 RandomStream(1).Split("tuning").Split(part));
    metrics::CocoParams params;
    params.keep_arrays = false;
    drops[part] = *EvaluateCoco(simulation.truth, simulation.detections[0], params).stats.AP -
                  *EvaluateCoco(simulation.truth, simulation.detections[1], params).stats.AP;
  });
  double sum = 0;
  for (const double drop : drops) sum += drop;
  return sum / kParts;
}

// By how much the log-odds of a miss must rise for a true drop of `drop`.
double Tune(const Experiment& experiment, double drop) {
  if (drop == 0) return 0;
  double low = 0;
  double high = 2;
  for (int i = 0; i < 10; ++i) {
    const double middle = (low + high) / 2;
    (TrueDrop(experiment, middle) < drop ? low : high) = middle;
  }
  return (low + high) / 2;
}

struct Gate {
  const char* name;
  GateOptions options;
};

std::vector<Gate> Gates(bool rare) {
  GateOptions none;
  none.max_drop = none.max_category_drop = 0;
  std::vector<Gate> gates = {{"default (0.005, category 0.02)", {}}, {"nothing allowed", none}};
  if (!rare) return gates;
  GateOptions counted, none_counted = none;
  counted.count_few = none_counted.count_few = true;
  gates.push_back({"default, --count-few", counted});
  gates.push_back({"nothing allowed, --count-few", none_counted});
  return gates;
}

using Counts = std::array<int, 3>;  // By Verdict.

std::vector<Counts> Repeat(const Experiment& experiment, int images, double log_odds, int repetitions,
                           const RandomStream& stream) {
  const std::vector<Gate> gates = Gates(experiment.rare);
  std::vector<Counts> counts(gates.size());
  std::mutex mutex;
  ParallelFor(static_cast<std::size_t>(repetitions), experiment.threads, [&](std::size_t i) {
    const metrics::Simulation simulation = Simulate(experiment.base, images, experiment.options,
                                                    {WorseBy(0), WorseBy(log_odds)}, stream.Split(i));
    std::vector<metrics::ComparedModel> models(2);
    for (std::size_t m = 0; m < 2; ++m) {
      models[m].seeds.push_back(MatchCoco(simulation.truth, simulation.detections[m]));
    }
    metrics::CompareOptions options;
    options.bootstrap.replicates = experiment.replicates;
    options.bootstrap.jackknife_groups = 0;
    options.bootstrap.seed = i;
    options.confidence = 0.9;
    const metrics::Comparison comparison =
        CompareModels(models, 0, metrics::EachImage(simulation.truth.images.size()), options);
    const std::lock_guard lock(mutex);
    for (std::size_t g = 0; g < gates.size(); ++g) {
      ++counts[g][static_cast<std::size_t>(CheckRegression(comparison, gates[g].options).verdict)];
    }
  });
  return counts;
}

void Run(const Experiment& experiment) {
  std::printf("%d repetitions without a change, a third with one; %d replicates\n\n", experiment.repetitions,
              experiment.replicates);
  std::printf(
      "| images | true drop | allowed | regression | inconclusive | pass "
      "|\n|---:|---:|---|---:|---:|---:|\n");
  for (const double drop : {0.0, 0.005, 0.01, 0.02, 0.05}) {
    const double log_odds = Tune(experiment, drop);
    const int repetitions = drop == 0 ? experiment.repetitions : std::max(1, experiment.repetitions / 3);
    for (const int images : {200, 2000}) {
      const RandomStream stream =
          RandomStream(static_cast<std::uint64_t>(images)).Split(static_cast<std::uint64_t>(drop * 1000));
      const std::vector<Counts> counts = Repeat(experiment, images, log_odds, repetitions, stream);
      for (std::size_t g = 0; g < counts.size(); ++g) {
        const auto percent = [&](Verdict verdict) {
          return 100.0 * counts[g][static_cast<std::size_t>(verdict)] / repetitions;
        };
        std::printf("| %d | %.3f | %s | %.1f %% | %.1f %% | %.1f %% |\n", images, drop,
                    Gates(experiment.rare)[g].name, percent(Verdict::kRegression),
                    percent(Verdict::kInconclusive), percent(Verdict::kPass));
      }
      std::fflush(stdout);
    }
  }
}

}  // namespace
}  // namespace yoake::reports

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_gate TRUTH.json [REPETITIONS [REPLICATES [THREADS [rare]]]]\n");
    return 2;
  }
  try {
    yoake::reports::Experiment experiment;
    experiment.base = yoake::datasets::ReadCoco(argv[1]);
    experiment.options.categories = {"many", "some", "few"};
    experiment.options.shares = {0.15, 0.08, 0.03};
    experiment.rare = argc > 5 && std::string(argv[5]) == "rare";
    if (experiment.rare) {
      experiment.options.categories.push_back("rare");
      experiment.options.shares.push_back(0.003);
    }
    experiment.repetitions = argc > 2 ? std::atoi(argv[2]) : 1000;
    experiment.replicates = argc > 3 ? std::atoi(argv[3]) : 400;
    experiment.threads = argc > 4 ? std::atoi(argv[4]) : 1;
    yoake::reports::Run(experiment);
  } catch (const yoake::Error& error) {
    std::fprintf(stderr, "bench_gate: %s\n", error.what());
    return 1;
  }
}
