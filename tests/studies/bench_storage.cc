// What a trial costs in the store: 10 parameters, 30 reports, 4 attributes, on SQLite.
//   bench_storage [FOLDER]     FOLDER (default: the temporary one) chooses the file system

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "studies/storage/storage.h"

namespace yoake::studies {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTrials = 1000;
constexpr int kParams = 10;
constexpr int kReports = 30;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void Print(const char* what, std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const auto quantile = [&](double q) {
    return ms[static_cast<std::size_t>(q * static_cast<double>(ms.size() - 1))];
  };
  std::printf("%-44s median %8.3f ms   [%.3f, %.3f]   max %.3f\n", what, quantile(0.5), quantile(0.25),
              quantile(0.75), ms.back());
}

search::ParamSet Params(int number) {
  search::ParamSet params;
  for (int i = 0; i < kParams; ++i) {
    params["group.parameter_" + std::to_string(i)] = {search::FloatDistribution{1e-5, 1, true, {}},
                                                      1e-4 * (number % 100 + 1) + 1e-6 * i};
  }
  return params;
}

void Run(const std::filesystem::path& file) {
  const std::string url = "sqlite:///" + file.string();
  auto storage = OpenStorage(url);
  storage->CreateStudy("bench", {search::Direction::kMaximize}, {"mAP"});
  std::vector<double> whole, start, report, history;
  for (int number = 0; number < kTrials; ++number) {
    const auto begin = Clock::now();
    storage->StartTrial("bench");
    start.push_back(MillisecondsSince(begin));
    storage->SetParams("bench", number, {Params(number), {{"tpe:relative_params:0", "{}"}}});
    for (int step = 1; step <= kReports; ++step) {
      const auto before = Clock::now();
      storage->Report("bench", number, step, 0.01 * step);
      report.push_back(MillisecondsSince(before));
    }
    for (const char* key : {"variant", "device", "seconds"})
      storage->SetTrialUserAttr("bench", number, key, number);
    storage->FinishTrial("bench", number, search::TrialState::kComplete, {0.3});
    whole.push_back(MillisecondsSince(begin));
    if (number % 20 == 0) {
      const auto before = Clock::now();
      storage->ReadHistory("bench");
      history.push_back(MillisecondsSince(before));
    }
  }
  Print("trial (start, params, 30 reports, end)", whole);
  Print("  the last 100 of them", {whole.end() - 100, whole.end()});
  Print("  StartTrial", start);
  Print("  Report", report);
  Print("ReadHistory, 20 new trials since the last", history);
  std::vector<double> again, fresh;
  for (int i = 0; i < 9; ++i) {
    auto before = Clock::now();
    storage->ReadHistory("bench");
    again.push_back(MillisecondsSince(before));
    before = Clock::now();
    OpenStorage(url)->ReadHistory("bench");
    fresh.push_back(MillisecondsSince(before));
  }
  Print("ReadHistory of 1000 trials, nothing new", again);
  Print("open + ReadHistory of 1000 trials", fresh);
}

}  // namespace
}  // namespace yoake::studies

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path folder = (argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path()) /
                          ("yoake_bench_storage_" + std::to_string(getpid()));
  fs::create_directories(folder);
  yoake::studies::Run(fs::absolute(folder / "study.db"));
  fs::remove_all(folder);
}
