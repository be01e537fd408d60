// bench_bootstrap GT.json DT.json [REPLICATES [RUNS]]: paired bootstrap of a model against itself with shaken
// scores. Prints what is done once (matching, planning) and what each replicate costs, median and spread.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "core/error.h"
#include "core/rng.h"
#include "datasets/read.h"
#include "metrics/uncertainty/bootstrap.h"

namespace yoake::metrics {
namespace {

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<Detection> WithShakenScores(std::vector<Detection> detections) {
  RandomStream random = RandomStream(1).Split("scores");
  for (Detection& detection : detections) detection.score += 0.05 * random.Normal();
  return detections;
}

void Run(const char* truth_file, const char* detections_file, int replicates, int runs) {
  const datasets::Dataset truth = datasets::ReadCoco(truth_file);
  const std::vector<Detection> first = ReadDetections(detections_file);
  const std::vector<Detection> second = WithShakenScores(first);

  const double begin = Now();
  const MatchedSet first_matched = MatchCoco(truth, first);
  const MatchedSet second_matched = MatchCoco(truth, second);
  const double matched = Now();
  const ReweightedAp a(first_matched);
  const ReweightedAp b(second_matched);
  std::printf("once, two models of %zu detections, one thread: matching %.3f s, planning %.3f s\n",
              first.size(), matched - begin, Now() - matched);

  BootstrapOptions options;
  options.replicates = replicates;
  options.jackknife_groups = 0;
  const ReweightedAp* models[] = {&a, &b};
  const ResamplingUnits units = EachImage(truth.images.size());
  for (const int threads : {1, 2}) {
    options.threads = threads;
    std::vector<double> seconds;
    const std::clock_t cpu_before = std::clock();
    for (int run = 0; run < runs; ++run) {
      const double start = Now();
      Bootstrap(models, units, options);
      seconds.push_back(Now() - start);
    }
    std::sort(seconds.begin(), seconds.end());
    const double median = seconds[seconds.size() / 2];
    const double cpu = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC / runs;
    std::printf(
        "%d paired replicates, %d threads: median %.2f s (%.2f to %.2f), %.2f s of processor, %.3f ms "
        "a replicate\n",
        replicates, threads, median, seconds.front(), seconds.back(), cpu, 1e3 * median / replicates);
  }
}

}  // namespace
}  // namespace yoake::metrics

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_bootstrap GT.json DT.json [REPLICATES [RUNS]]\n");
    return 2;
  }
  try {
    yoake::metrics::Run(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 1000,
                        argc > 4 ? std::atoi(argv[4]) : 3);
  } catch (const yoake::Error& error) {
    std::fprintf(stderr, "bench_bootstrap: %s\n", error.what());
    return 1;
  }
}
