// Times the whole of an evaluation by stage: read the truth, read the detections, score.
//
//   bench_coco_eval GT.json DT.json [RUNS]
//
// Each run is a process of its own, so that its CPU time and peak memory are its own too; printed are medians
// and the spread (lowest to highest) over RUNS (5) runs, for one thread and two. Where `python3` (or $PYTHON)
// can import pycocotools, its time for the same files stands below, of one run.

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/error.h"
#include "datasets/read.h"
#include "metrics/coco/coco_eval.h"
#include "metrics/detections.h"

namespace yoake {
namespace {

struct Run {
  std::array<double, 4> ms{};  // Truth, detections, scoring, all of it.
  double ap = 0;
};

struct Measured {
  Run run;
  double cpu_ms = 0;  // User and system: what a busy machine distorts least.
  double peak_mb = 0;
};

Run Evaluate(const char* truth_file, const char* detections_file, int threads) {
  Run run;
  auto last = std::chrono::steady_clock::now();
  const auto lap = [&](std::size_t stage) {
    const auto now = std::chrono::steady_clock::now();
    run.ms[stage] = std::chrono::duration<double, std::milli>(now - last).count();
    last = now;
  };
  const datasets::Dataset truth = datasets::ReadCoco(truth_file, {}, threads);
  lap(0);
  const auto detections = metrics::ReadDetections(detections_file, threads);
  lap(1);
  metrics::CocoParams params;
  params.keep_arrays = false;
  params.threads = threads;
  const auto result = metrics::EvaluateCoco(truth, detections, params);
  lap(2);
  run.ms[3] = run.ms[0] + run.ms[1] + run.ms[2];
  run.ap = metrics::MetricByName(result, "mAP").value_or(-1);
  return run;
}

// In a child process; ends the program when the child fails.
Measured InAChild(const char* truth, const char* detections, int threads) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      const Run run = Evaluate(truth, detections, threads);
      ::_exit(::write(ends[1], &run, sizeof run) == sizeof run ? 0 : 1);
    } catch (const Error& error) {
      fmt::print(stderr, "{}\n", error.what());
      ::_exit(1);
    }
  }
  ::close(ends[1]);
  Measured measured;
  const bool complete = ::read(ends[0], &measured.run, sizeof measured.run) == sizeof measured.run;
  ::close(ends[0]);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  if (!complete || status != 0) std::exit(1);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  measured.cpu_ms = ms(usage.ru_utime) + ms(usage.ru_stime);
  measured.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  return measured;
}

std::string Spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return fmt::format("{:6.0f} ({:.0f}-{:.0f})", values[values.size() / 2], values.front(), values.back());
}

void Print(const char* truth, const char* detections, int threads, int runs) {
  std::vector<Measured> measured;
  for (int i = 0; i < runs; ++i) measured.push_back(InAChild(truth, detections, threads));
  const auto column = [&](auto value) {
    std::vector<double> values;
    for (const Measured& one : measured) values.push_back(value(one));
    return Spread(values);
  };
  std::string line = fmt::format("{:7}", threads);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    line += fmt::format("  {:>18}", column([&](const Measured& one) { return one.run.ms[stage]; }));
  }
  line += fmt::format("  {:>18}", column([](const Measured& one) { return one.cpu_ms; }));
  line += fmt::format("  {:>18}", column([](const Measured& one) { return one.peak_mb; }));
  fmt::print("{}  {:.15f}\n", line, measured.front().run.ap);
  std::fflush(stdout);
}

void RunPycocotools(const char* truth, const char* detections) {
  const char* const python = std::getenv("PYTHON");
  const std::string interpreter = python != nullptr ? python : "python3";
  constexpr char kProgram[] =
      "import sys,time,io,contextlib,resource\n"
      "try:\n"
      "  from pycocotools.coco import COCO; from pycocotools.cocoeval import COCOeval\n"
      "except ImportError as e: print('pycocotools: not here (%s)'%e); sys.exit()\n"
      "t=time.time()\n"
      "with contextlib.redirect_stdout(io.StringIO()):\n"
      "  g=COCO(sys.argv[1]); d=g.loadRes(sys.argv[2]); e=COCOeval(g,d,'bbox'); e.evaluate(); "
      "e.accumulate(); "
      "e.summarize()\n"
      "print('pycocotools: %.0f ms, %.0f MB, mAP %.15f'%((time.time()-t)*1e3,"
      "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024,e.stats[0]))\n";
  const pid_t child = ::fork();
  if (child == 0) {
    ::execlp(interpreter.c_str(), interpreter.c_str(), "-c", kProgram, truth, detections, nullptr);
    fmt::print("pycocotools: {} cannot be run\n", interpreter);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace yoake

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_coco_eval GT.json DT.json [RUNS]\n");
    return 2;
  }
  const int runs = argc > 3 ? std::max(1, std::atoi(argv[3])) : 5;
  fmt::print("{:>7}  {:>18}  {:>18}  {:>18}  {:>18}  {:>18}  {:>18}  {}\n", "threads", "truth ms",
             "detections ms", "score ms", "all ms", "CPU ms", "peak MB", "mAP");
  for (const int threads : {1, 2}) yoake::Print(argv[1], argv[2], threads, runs);
  yoake::RunPycocotools(argv[1], argv[2]);
}
