#include "tests/studies/parallel_workers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "core/clock.h"
#include "core/rng.h"
#include "studies/attendance.h"
#include "studies/storage/storage.h"

namespace yoake::studies {
namespace {

using search::TrialRecord;
using search::TrialState;
using Attributes = std::map<std::string, nlohmann::json>;

constexpr char kStudy[] = "parallel";
constexpr int kMaxTrials = 1 << 16;
const search::Distribution kX = search::FloatDistribution{0, 1e6, false, {}};

// What all processes see: memory that outlives any of them.
struct Shared {
  std::atomic<std::int64_t> longest_call_us;
  std::atomic<int> errors;
  std::atomic<char> acknowledged[kMaxTrials];  // FinishTrial has returned to its worker.
  char first_error[500];
};

double ValueOf(const TrialRecord& trial) { return 2 * trial.params.at("x").internal + 1; }

bool IsRepetition(const TrialRecord& trial) { return trial.system_attrs.contains("failed_trial"); }

class Worker {
 public:
  Worker(const std::string& url, const ParallelPlan& plan, Shared& shared)
      : plan_(plan), shared_(shared), storage_(OpenStorage(url)), claim_(NewClaim()) {}

  void Work() {
    while (true) {
      LookAfterOthers();
      std::optional<TrialRecord> trial;
      Timed([&] {
        trial = storage_->StartTrial(kStudy, {claim_, [this](const auto& h) { return Admit(h); }});
      });
      if (trial) {
        try {
          Run(*trial);
        } catch (const LostClaim&) {  // It was slow for so long that it was taken for dead.
        }
      } else if (AllEnded()) {
        return;
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    }
  }

 private:
  template <typename Call>
  void Timed(Call call) {
    const double before = SteadySeconds();
    call();
    const auto us = static_cast<std::int64_t>((SteadySeconds() - before) * 1e6);
    std::int64_t longest = shared_.longest_call_us;
    while (us > longest && !shared_.longest_call_us.compare_exchange_weak(longest, us)) {
    }
  }

  std::optional<Attributes> Admit(const search::History& history) const {
    const auto originals = std::count_if(history.trials.begin(), history.trials.end(),
                                         [](const TrialRecord& trial) { return !IsRepetition(trial); });
    return originals < plan_.trials ? std::optional(Attributes()) : std::nullopt;
  }

  void LookAfterOthers() {
    if (plan_.kills == 0 || SteadySeconds() < next_look_s_) return;
    next_look_s_ = SteadySeconds() + plan_.grace_s / 4;
    Timed([&] { storage_->FailStaleTrials(kStudy, {plan_.grace_s, 1000, {}}); });
  }

  bool AllEnded() {
    for (const auto& [state, count] : storage_->ReadStudy(kStudy).trials) {
      if (state == TrialState::kRunning || state == TrialState::kWaiting) return false;
    }
    return true;
  }

  void Run(TrialRecord trial) {
    const int number = trial.number;
    if (!trial.params.contains("x")) {
      const auto fixed = trial.system_attrs.find("fixed_params");
      const double x =
          fixed == trial.system_attrs.end() ? 1000.0 + number : fixed->second.at("x").get<double>();
      trial.params["x"] = {kX, x};
      Timed([&] { storage_->SetParams(kStudy, number, {trial.params, {}}); });
    }
    for (int step = 1; step <= plan_.reports; ++step) {
      Timed([&] { storage_->Report(kStudy, number, step, ValueOf(trial) + step); });
    }
    Timed([&] { storage_->FinishTrial(kStudy, number, TrialState::kComplete, {ValueOf(trial)}); });
    shared_.acknowledged[number] = 1;
  }

  const ParallelPlan& plan_;
  Shared& shared_;
  std::unique_ptr<Storage> storage_;
  std::string claim_;
  double next_look_s_ = 0;
};

pid_t Start(const std::string& url, const ParallelPlan& plan, Shared& shared) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    Worker(url, plan, shared).Work();
  } catch (const std::exception& error) {
    if (shared.errors++ == 0) {
      std::string(error.what()).copy(shared.first_error, sizeof shared.first_error - 1);
    }
  }
  _exit(0);
}

// Kills workers at random moments and replaces them, then waits until all have come to their end.
void Attend(const std::string& url, const ParallelPlan& plan, Shared& shared) {
  RandomStream random = RandomStream(plan.seed).Split("kills");
  std::vector<pid_t> workers;
  for (int i = 0; i < plan.workers; ++i) workers.push_back(Start(url, plan, shared));
  for (int kills = 0; kills < plan.kills; ++kills) {
    constexpr std::uint64_t kLongestPause_ms = 120;
    std::this_thread::sleep_for(std::chrono::milliseconds(10 + random.Below(kLongestPause_ms)));
    pid_t& victim = workers[random.Below(workers.size())];
    kill(victim, SIGKILL);
    waitpid(victim, nullptr, 0);
    victim = Start(url, plan, shared);
  }
  for (const pid_t worker : workers) waitpid(worker, nullptr, 0);
}

class Judge {
 public:
  Judge(const ParallelPlan& plan, const Shared& shared, ParallelOutcome* outcome)
      : plan_(plan), shared_(shared), outcome_(*outcome) {}

  void Look(const search::History& history) {
    if (shared_.errors > 0)
      Fault(fmt::format("{} workers failed: {}", shared_.errors.load(), shared_.first_error));
    std::set<int> repeated;
    for (const TrialRecord& trial : history.trials) {
      if (!IsRepetition(trial)) continue;
      for (const auto& number : trial.system_attrs.at("retry_history")) repeated.insert(number.get<int>());
    }
    std::map<double, int> points;
    for (std::size_t i = 0; i < history.trials.size(); ++i) {
      const TrialRecord& trial = history.trials[i];
      if (trial.number != static_cast<int>(i)) Fault(fmt::format("number {} in place {}", trial.number, i));
      if (trial.state == TrialState::kComplete) {
        LookAtComplete(trial);
        ++points[trial.params.at("x").internal];
      } else if (trial.state != TrialState::kFail || !repeated.contains(trial.number)) {
        Fault(fmt::format("trial {} is {} and was not repeated", trial.number, ToString(trial.state)));
      } else if (shared_.acknowledged[trial.number] != 0) {
        Fault(fmt::format("trial {} was acknowledged and is lost", trial.number));
      }
    }
    outcome_.repeated = static_cast<int>(repeated.size());
    if (outcome_.complete != plan_.trials) Fault(fmt::format("{} trials complete", outcome_.complete));
    for (int x = 0; x < plan_.enqueued; ++x) {
      if (points[x] != 1)
        Fault(fmt::format("the enqueued point {} was run to its end {} times", x, points[x]));
    }
  }

 private:
  void Fault(const std::string& text) { outcome_.faults.push_back(text); }

  void LookAtComplete(const TrialRecord& trial) {
    ++outcome_.complete;
    if (trial.values != std::vector<double>{ValueOf(trial)})
      Fault(fmt::format("value of trial {}", trial.number));
    if (static_cast<int>(trial.intermediate.size()) != plan_.reports) {
      Fault(fmt::format("trial {} has {} reports", trial.number, trial.intermediate.size()));
    }
    for (const auto& [step, value] : trial.intermediate) {
      if (value != ValueOf(trial) + step) Fault(fmt::format("report {} of trial {}", step, trial.number));
    }
  }

  const ParallelPlan& plan_;
  const Shared& shared_;
  ParallelOutcome& outcome_;
};

}  // namespace

ParallelOutcome RunParallel(const std::string& url, const ParallelPlan& plan) {
  {
    const auto storage = OpenStorage(url);
    storage->CreateStudy(kStudy, {search::Direction::kMinimize}, {});
    for (int x = 0; x < plan.enqueued; ++x) {
      storage->EnqueueTrial(kStudy, {{"x", {kX, static_cast<double>(x)}}}, {});
    }
  }
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Shared& shared = *static_cast<Shared*>(memory);  // Zeros are what every member begins with.
  ParallelOutcome outcome;
  const double begin = SteadySeconds();
  Attend(url, plan, shared);
  outcome.seconds = SteadySeconds() - begin;
  outcome.longest_call_ms = static_cast<double>(shared.longest_call_us) / 1e3;
  Judge(plan, shared, &outcome).Look(OpenStorage(url)->ReadHistory(kStudy));
  munmap(memory, sizeof(Shared));
  return outcome;
}

}  // namespace yoake::studies
