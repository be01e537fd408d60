// Quality and speed of samplers on the test problems, beside the peers' measured numbers. Prints Markdown.
//
//   bench_samplers quality  --tables DIR [--sampler JSON] [--seeds 20] [--problems a,b] [--guards]
//   bench_samplers batches  --tables DIR ...     asks 8 at a time, 96 evaluations, counts repeated points
//   bench_samplers failures ...                  share of failing suggestions where a region fails
//   bench_samplers speed    ...                  milliseconds a suggestion, ten parameters
//   bench_samplers check PROBLEM N               random points and values as JSON lines, for an outside judge
//
// DIR holds the recorded tables (NAME.csv, NAME.json); without it the closed-form problems alone are run.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <set>

#include "core/json_reader.h"
#include "core/parallel.h"
#include "problems.h"

namespace yoake::search {
namespace {

struct Quartiles {
  double median, low, high;
};

// Medians and quartiles after 50 and 100 evaluations: Optuna 5.0-dev's TPE (20 seeds) and GP (10 seeds) with
// default settings.
struct Peers {
  Quartiles tpe_50, tpe_100, gp_50, gp_100;
};
const std::map<std::string, Peers> kPeers = {
    {"branin2",
     {{0.50738, 0.42225, 0.58653},
      {0.41673, 0.4055, 0.42799},
      {0.39792, 0.3979, 0.39796},
      {0.3979, 0.39789, 0.39791}}},
    {"hartmann6",
     {{-2.9921, -3.0792, -2.8275},
      {-3.228, -3.2457, -3.1462},
      {-3.3208, -3.3211, -3.2192},
      {-3.3222, -3.3223, -3.3213}}},
    {"ackley10",
     {{17.937, 16.917, 18.372}, {13.404, 12.549, 15.736}, {17.138, 15.86, 18.346}, {10.621, 7.9988, 13.519}}},
    {"rosenbrock5",
     {{466.33, 233.36, 944.79},
      {89.934, 57.518, 187.01},
      {629.59, 411.41, 1056.2},
      {149.04, 101.06, 251.12}}},
    {"rastrigin5",
     {{28.724, 26.129, 34.286}, {23.61, 17.406, 30.481}, {34.661, 28.546, 37.581}, {24.686, 19.892, 29.996}}},
    {"mixdet",
     {{0.50791, 0.38349, 0.57803},
      {0.35582, 0.27387, 0.45144},
      {0.80564, 0.66652, 0.88964},
      {0.68828, 0.50345, 0.82251}}},
    {"hpobench_segment",
     {{-0.96531, -0.96647, -0.96443},
      {-0.96764, -0.96771, -0.96618},
      {-0.96531, -0.96552, -0.96487},
      {-0.9656, -0.96633, -0.96531}}},
    {"hpolib_protein",
     {{0.23247, 0.22289, 0.24489},
      {0.22305, 0.22242, 0.23433},
      {0.22138, 0.22138, 0.22305},
      {0.22138, 0.22138, 0.22138}}},
    {"nas201_cifar100",
     {{-72.805, -73.307, -72.685},
      {-73.307, -73.493, -72.749},
      {-72.738, -73.493, -71.575},
      {-73.493, -73.493, -73.493}}},
};

// Batches of 8, 96 evaluations: Optuna 5.0-dev's TPE with its constant liar, and its repeated points.
const std::map<std::string, std::pair<Quartiles, const char*>> kBatchPeers = {
    {"hartmann6", {{-3.096, -3.15, -2.77}, "?"}},
    {"mixdet", {{0.387, 0.272, 0.465}, "?"}},
    {"hpolib_protein", {{0.2317, 0.2317, 0.2317}, "16"}},
};

struct Settings {
  std::vector<std::string> samplers = {"\"tpe\""};
  std::vector<int> trials = {100, 300, 1000, 3000, 10000};
  std::string tables, problems;
  int seeds = 20, first_seed = 0, evaluations = 100, batch = 8, repeats = 31, threads = HardwareThreads();
  bool guards = false;
};

std::unique_ptr<Sampler> Make(const std::string& text) {
  const nlohmann::json options =
      text.starts_with('{') || text.starts_with('"') ? nlohmann::json::parse(text) : nlohmann::json(text);
  return MakeSampler(JsonReader(options, "--sampler"));
}

std::vector<Problem> Chosen(const Settings& settings) {
  std::vector<Problem> all = settings.guards ? GuardProblems() : Problems();
  if (!settings.guards && !settings.tables.empty()) {
    for (Problem& problem : TableProblems(settings.tables)) all.push_back(std::move(problem));
  }
  if (!settings.problems.empty()) {
    const std::string listed = "," + settings.problems + ",";
    std::erase_if(all,
                  [&](const Problem& p) { return listed.find("," + p.name + ",") == std::string::npos; });
  }
  return all;
}

std::string Summary(const std::vector<double>& values) {
  return fmt::format("{:.5g} [{:.5g}, {:.5g}]", Quantile(values, 0.5), Quantile(values, 0.25),
                     Quantile(values, 0.75));
}

std::string Summary(const Quartiles& q) {
  return fmt::format("{:.5g} [{:.5g}, {:.5g}]", q.median, q.low, q.high);
}

// Trials of every seed, one after another or `batch` at a time.
std::vector<std::vector<TrialRecord>> RunSeeds(const Settings& settings, const Problem& problem,
                                               const Sampler& sampler, int batch) {
  std::vector<std::vector<TrialRecord>> runs(static_cast<std::size_t>(settings.seeds));
  ParallelFor(runs.size(), settings.threads, [&](std::size_t i) {
    const std::uint64_t seed = static_cast<std::uint64_t>(settings.first_seed) + i;
    runs[i] = RunTrials(problem, sampler, seed, settings.evaluations, batch);
  });
  return runs;
}

std::vector<double> BestAfter(const std::vector<std::vector<TrialRecord>>& runs, std::size_t n) {
  std::vector<double> best;
  for (const auto& run : runs) best.push_back(BestOf(run, n));
  return best;
}

// Against the better peer: better in the median, level (the median within its quartiles), or worse.
const char* Verdict(double median, const Quartiles& peer) {
  // The peers' numbers were kept with five digits.
  const double digits = 5e-5 * std::abs(peer.median);
  if (median < peer.median - 0.1 * digits) return "better";
  return median <= std::max(peer.high, peer.median) + digits ? "level" : "**worse**";
}

const Quartiles& Better(const Quartiles& a, const Quartiles& b) { return a.median <= b.median ? a : b; }

void Quality(const Settings& settings) {
  for (const std::string& name : settings.samplers) {
    const auto sampler = Make(name);
    fmt::print("\n{}, {} seeds: median [quartiles]\n\n", name, settings.seeds);
    fmt::print("| problem | @50 | better peer @50 | | @100 | better peer @100 | | s a study |\n");
    fmt::print("|---|---|---|---|---|---|---|---|\n");
    for (const Problem& problem : Chosen(settings)) {
      const auto start = std::chrono::steady_clock::now();
      const auto runs = RunSeeds(settings, problem, *sampler, 1);
      const double seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / settings.seeds;
      const std::vector<double> at_50 = BestAfter(runs, 50), at_100 = BestAfter(runs, 100);
      const auto peers = kPeers.find(problem.name);
      const std::string optimum = fmt::format("optimum {:.5g}", problem.optimum);
      std::string peer_50, peer_100 = optimum;
      const char *verdict_50 = "", *verdict_100 = "";
      if (peers != kPeers.end()) {
        const Quartiles& p50 = Better(peers->second.tpe_50, peers->second.gp_50);
        const Quartiles& p100 = Better(peers->second.tpe_100, peers->second.gp_100);
        peer_50 = Summary(p50);
        peer_100 = Summary(p100);
        verdict_50 = Verdict(Quantile(at_50, 0.5), p50);
        verdict_100 = Verdict(Quantile(at_100, 0.5), p100);
      }
      fmt::print("| {} | {} | {} | {} | {} | {} | {} | {:.2f} |\n", problem.name, Summary(at_50), peer_50,
                 verdict_50, Summary(at_100), peer_100, verdict_100, seconds);
      std::fflush(stdout);
    }
  }
}

int Repeats(const std::vector<TrialRecord>& trials) {
  std::set<std::string> seen;
  int repeats = 0;
  for (const TrialRecord& trial : trials)
    repeats += seen.insert(ExternalValues(trial.params).dump()).second ? 0 : 1;
  return repeats;
}

void Batches(Settings settings) {
  settings.evaluations = 96;
  for (const std::string& name : settings.samplers) {
    const auto sampler = Make(name);
    fmt::print("\n{}, {} seeds, {} at a time, 96 evaluations\n\n", name, settings.seeds, settings.batch);
    fmt::print("| problem | median [quartiles] | repeated points | Optuna 5, constant liar | repeated |\n");
    fmt::print("|---|---|---|---|---|\n");
    for (const Problem& problem : Chosen(settings)) {
      const auto runs = RunSeeds(settings, problem, *sampler, settings.batch);
      double repeats = 0;
      for (const auto& run : runs) repeats += Repeats(run);
      const auto peer = kBatchPeers.find(problem.name);
      const bool known = peer != kBatchPeers.end();
      fmt::print("| {} | {} | {:.2f} | {} | {} |\n", problem.name, Summary(BestAfter(runs, 96)),
                 repeats / settings.seeds, known ? Summary(peer->second.first) : "",
                 known ? peer->second.second : "");
      std::fflush(stdout);
    }
  }
}

void Failures(const Settings& settings) {
  fmt::print("\n| sampler | problem | failing, trials 0-49 | failing, trials 50-99 | best @100 |\n");
  fmt::print("|---|---|---|---|---|\n");
  for (const std::string& name : settings.samplers) {
    const auto sampler = Make(name);
    for (const Problem& problem : GuardProblems()) {
      if (problem.name != "oom5" && problem.name != "diverging4") continue;
      const auto runs = RunSeeds(settings, problem, *sampler, 1);
      double early = 0, late = 0;
      for (const auto& run : runs) {
        for (const TrialRecord& trial : run) {
          if (trial.state == TrialState::kFail) (trial.number < 50 ? early : late) += 1;
        }
      }
      fmt::print("| {} | {} | {:.1f} % | {:.1f} % | {} |\n", name, problem.name, early * 2 / settings.seeds,
                 late * 2 / settings.seeds, Summary(BestAfter(runs, 100)));
    }
  }
}

// The sampler's own first 100 trials, then random ones.
History HistoryOf(const Problem& problem, const Sampler& sampler, int n) {
  History history;
  history.trials = RunTrials(problem, sampler, 1, std::min(n, 100));
  const auto random = Make("random");
  while (static_cast<int>(history.trials.size()) < n) {
    TrialRecord trial;
    trial.number = static_cast<int>(history.trials.size());
    trial.params = random->Suggest(problem.space, {}, trial.number, RandomStream(1)).params;
    trial.values = {problem.evaluate(ExternalValues(trial.params))};
    trial.state = TrialState::kComplete;
    history.trials.push_back(std::move(trial));
  }
  return history;
}

void Speed(const Settings& settings) {
  const Problem problem = FindProblem("ackley10");
  fmt::print(
      "\n| sampler | finished trials | ms a suggestion, median [quartiles] | least |\n|---|---|---|---|\n");
  for (const std::string& name : settings.samplers) {
    const auto sampler = Make(name);
    for (const int n : settings.trials) {
      const History history = HistoryOf(problem, *sampler, n);
      std::vector<double> ms;
      for (int repeat = 0; repeat < settings.repeats; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        (void)sampler->Suggest(problem.space, history, n + repeat, RandomStream(2));
        const auto end = std::chrono::steady_clock::now();
        ms.push_back(std::chrono::duration<double, std::milli>(end - start).count());
      }
      fmt::print("| {} | {} | {} | {:.3f} |\n", name, n, Summary(ms), Quantile(ms, 0));
      std::fflush(stdout);
    }
  }
}

void Check(const Settings& settings, int n) {
  for (const Problem& problem : Chosen(settings)) {
    for (const TrialRecord& trial : RunTrials(problem, *Make("random"), 5, n)) {
      nlohmann::json line = {{"problem", problem.name}, {"params", ExternalValues(trial.params)}};
      if (!trial.values.empty()) line["value"] = trial.values[0];
      fmt::print("{}\n", line.dump());
    }
  }
}

int Main(int argc, char** argv) {
  Settings settings;
  int points = 20;
  CLI::App app{"Quality and speed of samplers beside their peers"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--sampler", settings.samplers, "name or JSON; may be given several times");
  app.add_option("--tables", settings.tables, "folder of the recorded tables");
  app.add_option("--problems", settings.problems, "these alone, separated by commas");
  app.add_option("--seeds", settings.seeds);
  app.add_option("--first-seed", settings.first_seed);
  app.add_option("--evaluations", settings.evaluations);
  app.add_option("--batch", settings.batch);
  app.add_option("--threads", settings.threads);
  app.add_option("--repeats", settings.repeats, "suggestions timed, for speed");
  app.add_option("--trials", settings.trials, "finished trials, for speed; may be given several times");
  app.add_option("--points", points, "of each problem, for check");
  app.add_flag("--guards", settings.guards, "the problems that no default was chosen on");
  app.add_subcommand("quality", "best value after 50 and 100 evaluations")->callback([&] {
    Quality(settings);
  });
  app.add_subcommand("batches", "several trials at a time")->callback([&] { Batches(settings); });
  app.add_subcommand("failures", "share of failing suggestions")->callback([&] { Failures(settings); });
  app.add_subcommand("speed", "time a suggestion")->callback([&] { Speed(settings); });
  app.add_subcommand("check", "random points with their values")->callback([&] { Check(settings, points); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace yoake::search

int main(int argc, char** argv) { return yoake::search::Main(argc, argv); }
