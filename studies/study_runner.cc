#include "studies/study_runner.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "core/json_reader.h"
#include "search/pruner.h"
#include "studies/alike_failures.h"
#include "studies/device_pool.h"
#include "studies/duration.h"
#include "studies/planner.h"
#include "studies/running_trial.h"
#include "studies/scoring_queue.h"
#include "studies/stop_signals.h"
#include "studies/trial_config.h"
#include "studies/trial_source.h"

namespace yoake::studies {
namespace {

using json = nlohmann::json;
using search::TrialState;

struct Slot {
  DeviceSlot device;
  std::unique_ptr<RunningTrial> trial;
  double seen_running = 0;           // When its trial was last known to run.
  std::optional<double> free_since;  // Since its last trial ended.
};

// What the driver remembers of a trial over its attempts.
struct Attempts {
  int count = 0;  // Of all sessions.
  int retries_left = 0;
  double seconds = 0;  // Of the attempts that ended.
  std::string prune_reason;
  std::vector<std::string> warnings;
};

// What Runner writes of an attempt does not belong to the trial that repeats it.
AttendanceOptions ForTrials(AttendanceOptions options) {
  options.stale.attempt_attrs = {"attempts", "device",   "slot_idle_s", "seconds",
                                 "epochs",   "warnings", "tests"};
  return options;
}

// What the history alone tells.
StudyProgress Summarize(const search::History& history) {
  StudyProgress progress;
  const bool maximize = history.directions.front() == search::Direction::kMaximize;
  for (const search::TrialRecord& trial : history.trials) {
    progress.ended += IsFinished(trial.state);
    progress.pruned += trial.state == TrialState::kPruned;
    progress.failed += trial.state == TrialState::kFail;
    progress.total += ConfirmedTrial(trial).has_value();
    if (trial.state != TrialState::kComplete || trial.values.empty()) continue;
    const double value = trial.values.front();
    if (!progress.best || (maximize ? value > *progress.best : value < *progress.best)) progress.best = value;
  }
  return progress;
}

class Runner {
 public:
  explicit Runner(const RunnerParts& parts)
      : parts_(parts),
        source_(parts.study, parts.prepared.combinations),
        pruner_(search::MakePruner(JsonReader(parts.study.pruner, parts.study.name, "$.pruner"))),
        scoring_(parts.folder),
        attendance_(parts.ledger, ForTrials(parts.options.attendance)),
        begin_(SteadySeconds()) {
    for (const DeviceSlot& device : ParseDevices(parts.study.devices)) slots_.emplace_back().device = device;
    threads_ = ThreadsPerSlot(slots_.size());
  }

  RunnerEnd Run(const std::vector<int>& unfinished, const std::vector<int>& ended);

 private:
  // Taking trials.
  void Fill();
  bool TakeNext(Slot* slot);
  std::optional<int> NextNew();
  void Plan(int number);
  void Launch(Slot* slot, int number);
  ProcessOptions Describe(const Slot& slot, int number, bool again) const;
  Attempts& AttemptsOf(int number);
  const Combination* CombinationOf(int number) const;
  bool Taking() const { return !stopping_ && !alike_.hopeless() && !timed_out() && !counted_out(); }
  bool counted_out() const { return parts_.options.count && started_ >= *parts_.options.count; }
  bool timed_out() const {
    return parts_.study.timeout_s && SteadySeconds() - begin_ >= *parts_.study.timeout_s;
  }

  // Following them.
  void Follow(Slot* slot);
  void Report(RunningTrial* trial, const TrialEpoch& epoch);
  void CollectEnd(Slot* slot);
  void TakeEnd(int number, const TrialStory& story, const TrialOutcome& outcome);
  void Fail(int number, const TrialStory& story, const TrialOutcome& outcome);
  void Store(int number, TrialState state, const std::vector<double>& values, const TrialStory& story);
  void ScoreOne();
  void StoreScored(const ScoringQueue::Scored& scored);

  // Among other drivers.
  void Attend();
  void LetGo(int number);
  // Their trials may come back to the queue.
  bool WaitsForOthers() const { return Taking() && parts_.ledger.OthersRun(); }
  bool AnyRuns() const {
    return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.trial != nullptr; });
  }

  void HandleSignals();
  void Wait();
  void Tell();
  bool Busy() const;
  RunnerEnd End() const;
  std::string LabelOf(int number) const;
  TrialNote NoteOf(int number);
  SlotProgress ProgressOf(const Slot& slot) const;
  std::optional<double> LeftSeconds(int rest) const;

  RunnerParts parts_;
  TrialSource source_;
  std::unique_ptr<search::Pruner> pruner_;
  StopSignals signals_;
  std::vector<Slot> slots_;
  int threads_ = 1;
  std::deque<int> again_;
  ScoringQueue scoring_;
  std::map<int, Attempts> attempts_;
  AlikeFailures alike_;
  Attendance attendance_;
  int started_ = 0;            // Trials this driver took from the store.
  bool nothing_left_ = false;  // The store had no trial to take when it was last asked.
  int stopping_ = 0;           // Signals taken.
  double begin_;
  std::optional<double> woken_;  // When the last wait ended, if it was one.
};

RunnerEnd Runner::Run(const std::vector<int>& unfinished, const std::vector<int>& ended) {
  again_.assign(unfinished.begin(), unfinished.end());
  for (const int number : ended) {
    const TrialStory story = ReadStory(parts_.folder, number);
    TakeEnd(number, story, Judge(story, {}, parts_.study.metric));
  }
  while (true) {
    HandleSignals();
    Attend();
    for (Slot& slot : slots_) {
      if (slot.trial == nullptr) continue;
      const int number = slot.trial->number();
      try {
        Follow(&slot);
      } catch (const LostClaim&) {
        LetGo(number);
      }
    }
    Fill();
    ScoreOne();
    Tell();
    if (!Busy()) break;
    Wait();
  }
  const RunnerEnd end = End();
  parts_.results.Write(parts_.ledger.history(), source_.terminated(), end.complete, SteadySeconds() - begin_,
                       /*final=*/true);
  return end;
}

void Runner::Fill() {
  for (Slot& slot : slots_) {
    while (slot.trial == nullptr && Taking()) {
      if (!TakeNext(&slot)) return;
    }
  }
}

// False when there is no trial left to take.
bool Runner::TakeNext(Slot* slot) {
  std::optional<int> number;
  if (!again_.empty()) {
    number = again_.front();
    again_.pop_front();
  } else {
    number = NextNew();
  }
  if (!number) return false;
  try {
    Plan(*number);
  } catch (const LostClaim&) {
    LetGo(*number);
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kConfig) throw;
    TakeEnd(*number, {}, {.reason = FailureReason::kData, .message = error.what()});
    return true;
  }
  Launch(slot, *number);
  return true;
}

// Reads the store, so it is not asked again before another trial has ended once nothing was left.
std::optional<int> Runner::NextNew() {
  if (nothing_left_) return std::nullopt;
  const auto number = parts_.ledger.Start([this](const search::History& history) {
    for (const std::string& end : source_.Terminate(history)) parts_.observer.OnNotice(end);
    return source_.Next(history);
  });
  nothing_left_ = !number;
  started_ += number.has_value();
  return number;
}

// Gives a trial what it lacks: its combination (when another program enqueued it) and its parameters.
void Runner::Plan(int number) {
  const search::TrialRecord& trial = parts_.ledger.At(number);
  if (!trial.user_attrs.contains("variant")) {
    search::History others = parts_.ledger.history();
    std::erase_if(others.trials, [number](const auto& other) { return other.number == number; });
    parts_.ledger.SetUserAttr(number, "variant", source_.ForEnqueued(others));
  }
  if (trial.params.empty() && source_.has_params()) {
    parts_.ledger.SetParams(number, source_.Params(parts_.ledger.Forecast(), number));
  }
}

const Combination* Runner::CombinationOf(int number) const {
  const Variant variant = VariantOf(parts_.ledger.At(number));
  for (const Combination& combination : parts_.prepared.combinations) {
    if (combination.variant == variant) return &combination;
  }
  return nullptr;
}

// Everything the child needs, its config.json written.
ProcessOptions Runner::Describe(const Slot& slot, int number, bool again) const {
  const Combination* combination = CombinationOf(number);
  if (combination == nullptr) throw Error(ErrorKind::kConfig, "its variant is none of the study's");
  const json config = MakeTrialConfig(combination->config, parts_.ledger.At(number).params,
                                      TrialSeed(parts_.study.seed, number));
  WriteFileAtomically(parts_.folder.config(number), config.dump(1));

  const bool foreign = parts_.trainer.foreign();
  const bool resume = again && (foreign || std::filesystem::exists(parts_.folder.last_weights(number)));
  ProcessOptions process = parts_.trainer.TrialProcess(parts_.folder, number, slot.device.device, resume);
  const json* written = foreign ? nullptr : FindPath(config, "threads");
  const int threads = written != nullptr && written->is_number_integer() ? written->get<int>() : threads_;
  for (auto& variable : DeviceEnvironment(slot.device, threads, std::getenv("CUDA_VISIBLE_DEVICES"))) {
    process.environment.push_back(std::move(variable));
  }
  return process;
}

Attempts& Runner::AttemptsOf(int number) {
  const auto [entry, is_new] = attempts_.try_emplace(number);
  if (is_new) {
    entry->second.retries_left = parts_.study.retries;
    const auto& attrs = parts_.ledger.At(number).user_attrs;
    if (const auto before = attrs.find("attempts"); before != attrs.end()) {
      entry->second.count = before->second.get<int>();
    }
  }
  return entry->second;
}

void Runner::Launch(Slot* slot, int number) {
  Attempts& attempts = AttemptsOf(number);
  const bool again = attempts.count > 0;
  try {
    const ProcessOptions process = Describe(*slot, number, again);
    parts_.ledger.SetUserAttr(number, "attempts", ++attempts.count);
    parts_.ledger.SetUserAttr(number, "device", slot->device.name);
    slot->trial = std::make_unique<RunningTrial>(parts_.folder, number, process);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kStorage) throw;
    const bool config = error.kind() == ErrorKind::kConfig;
    return TakeEnd(
        number, {},
        {.reason = config ? FailureReason::kData : FailureReason::kInternal, .message = error.what()});
  }
  if (slot->free_since && !again) {
    parts_.ledger.SetUserAttr(number, "slot_idle_s", slot->trial->started() - *slot->free_since);
  }
}

void Runner::Follow(Slot* slot) {
  RunningTrial& trial = *slot->trial;
  for (const TrialEpoch& epoch : trial.Read()) Report(&trial, epoch);
  if (trial.ended()) return CollectEnd(slot);

  const double now = slot->seen_running = SteadySeconds();
  const auto limit = parts_.study.trial_timeout_s;
  if (limit && !trial.story().finished && now - trial.started() >= *limit) {
    trial.AskToEnd(StopReason::kTimedOut, now, parts_.options.grace_s);
  }
  trial.Press(now, parts_.options.grace_s);
}

void Runner::Report(RunningTrial* trial, const TrialEpoch& epoch) {
  const auto metric = epoch.metrics.find(parts_.study.metric);
  if (metric == epoch.metrics.end() || !metric->second) return;
  const int number = trial->number();
  parts_.ledger.Report(number, epoch.epoch, *metric->second);

  // In its last epoch a trial is as good as done, and its tests are worth having. Several epochs may have
  // been read at once.
  const auto& started = trial->story().started;
  const int newest = trial->story().epochs.rbegin()->first;
  const bool last = started && started->epochs > 0 && newest >= started->epochs;
  if (last || trial->ended() || trial->story().finished || trial->stop() != StopReason::kNone) return;

  const search::TrialRecord& record = parts_.ledger.At(number);
  if (ConfirmedTrial(record)) return;  // Only its whole run says what the first one was worth.
  const search::PruneDecision decision =
      pruner_->Decide(HistoryOf(parts_.ledger.Forecast(), VariantOf(record)), record);
  for (const auto& [key, value] : decision.system_attrs) parts_.ledger.SetSystemAttr(number, key, value);
  if (!decision.prune) return;
  AttemptsOf(number).prune_reason = decision.reason;
  trial->AskToEnd(StopReason::kPruned, SteadySeconds(), parts_.options.grace_s);
}

void Runner::CollectEnd(Slot* slot) {
  const std::unique_ptr<RunningTrial> trial = std::move(slot->trial);
  // An end that did not wake the driver came some time since the trial was last looked at: the earliest
  // counts, so that idle time is never told too short.
  slot->free_since = woken_.value_or(slot->seen_running);
  const int number = trial->number();
  Attempts& attempts = AttemptsOf(number);
  attempts.seconds += SteadySeconds() - trial->started();
  for (const auto& texts : {trial->story().notices, trial->warnings()}) {
    for (const std::string& text : texts) {
      if (std::find(attempts.warnings.begin(), attempts.warnings.end(), text) == attempts.warnings.end()) {
        attempts.warnings.push_back(text);
      }
    }
  }
  const AttemptEnd end = trial->End(/*configuration_code=*/!parts_.trainer.foreign());
  const TrialOutcome outcome = Judge(trial->story(), end, parts_.study.metric);
  const bool failed = outcome.kind == TrialOutcome::Kind::kFailed;
  if (failed && outcome.may_retry && attempts.retries_left > 0 && Taking()) {
    --attempts.retries_left;
    const std::string notice =
        fmt::format("trial {} {}: {}; it is tried again", number, ToString(outcome.reason), outcome.message);
    attempts.warnings.push_back(notice);
    parts_.observer.OnNotice(notice);
    return Launch(slot, number);
  }
  TakeEnd(number, trial->story(), outcome);
}

void Runner::TakeEnd(int number, const TrialStory& story, const TrialOutcome& outcome) {
  switch (outcome.kind) {
    case TrialOutcome::Kind::kInterrupted:
      return;  // Stays RUNNING: resume goes on with it.
    case TrialOutcome::Kind::kFailed:
      return Fail(number, story, outcome);
    case TrialOutcome::Kind::kPruned:
      parts_.ledger.SetUserAttr(number, "message", AttemptsOf(number).prune_reason);
      return Store(number, TrialState::kPruned, {outcome.value}, story);
    case TrialOutcome::Kind::kFinished: {
      parts_.ledger.Expect(number, outcome.value);
      const Combination* combination = CombinationOf(number);
      const json* tests = combination == nullptr ? nullptr : FindPath(combination->config, "tests");
      scoring_.Add(number, outcome.value, story, tests == nullptr ? json() : *tests);
      return;
    }
  }
}

void Runner::Fail(int number, const TrialStory& story, const TrialOutcome& outcome) {
  const std::string reason = ToString(outcome.reason);
  parts_.ledger.SetUserAttr(number, "reason", reason);
  parts_.ledger.SetUserAttr(number, "message", outcome.message);
  Store(number, TrialState::kFail, {}, story);

  const auto& trials = parts_.ledger.history().trials;
  const bool any_good = std::any_of(trials.begin(), trials.end(), [](const search::TrialRecord& trial) {
    return trial.state == TrialState::kComplete || trial.state == TrialState::kPruned;
  });
  if (!any_good) alike_.Add(story, outcome);
}

void Runner::Store(int number, TrialState state, const std::vector<double>& values, const TrialStory& story) {
  const Attempts& attempts = AttemptsOf(number);
  const double told = story.epochs.empty() ? 0 : story.epochs.rbegin()->second.seconds;
  parts_.ledger.SetUserAttr(number, "seconds", attempts.seconds > 0 ? attempts.seconds : told);
  parts_.ledger.SetUserAttr(number, "epochs", story.epochs.empty() ? 0 : story.epochs.rbegin()->first);
  if (!attempts.warnings.empty()) parts_.ledger.SetUserAttr(number, "warnings", attempts.warnings);
  parts_.ledger.Finish(number, state, values);
  nothing_left_ = false;
  parts_.results.Write(parts_.ledger.history(), source_.terminated(), false, SteadySeconds() - begin_,
                       /*final=*/false);
  parts_.observer.OnTrialEnded(NoteOf(number));
}

void Runner::ScoreOne() {
  const auto scored = scoring_.Step();
  if (!scored) return;
  try {
    StoreScored(*scored);
  } catch (const LostClaim&) {
    LetGo(scored->number);
  }
}

void Runner::StoreScored(const ScoringQueue::Scored& scored) {
  const int number = scored.number;
  for (const std::string& warning : scored.warnings) {
    AttemptsOf(number).warnings.push_back(warning);
    parts_.observer.OnNotice(fmt::format("trial {}: {}", number, warning));
  }
  const json tests = TestSummary(parts_.folder, number);
  if (!tests.empty()) parts_.ledger.SetUserAttr(number, "tests", tests);
  Store(number, TrialState::kComplete, {scored.value}, scored.story);
}

void Runner::Attend() {
  const Attendance::News news = attendance_.Attend(/*stale=*/Taking(), /*often=*/!AnyRuns());
  for (const std::string& notice : news.notices) parts_.observer.OnNotice(notice);
  for (const int number : news.lost) LetGo(number);
  if (news.looked) nothing_left_ = false;
}

// Ends the process of a trial that is another driver's by now; its slot is free again.
void Runner::LetGo(int number) {
  for (Slot& slot : slots_) {
    if (slot.trial != nullptr && slot.trial->number() == number) slot.trial.reset();
  }
  scoring_.Drop(number);
  parts_.ledger.Drop(number);
}

void Runner::HandleSignals() {
  for (int taken = signals_.Take(); taken > 0; --taken) {
    ++stopping_;
    const double now = SteadySeconds();
    for (Slot& slot : slots_) {
      if (slot.trial == nullptr) continue;
      slot.trial->AskToEnd(StopReason::kInterrupted, now, parts_.options.grace_s);
      if (stopping_ > 1) slot.trial->Kill();
    }
    if (stopping_ == 1) {
      parts_.observer.OnNotice(
          "stopping: running trials write a checkpoint and end; once more (Ctrl-C) kills them");
    }
  }
}

void Runner::Wait() {
  std::vector<pollfd> events = {{signals_.descriptor(), POLLIN, 0}};
  for (const Slot& slot : slots_) {
    if (slot.trial != nullptr) events.push_back({slot.trial->descriptor(), POLLIN, 0});
  }
  constexpr double kWaited_s = 0.001;
  const double before = SteadySeconds();
  poll(events.data(), events.size(), scoring_.empty() ? parts_.options.poll_ms : 0);
  const double after = SteadySeconds();
  woken_ = after - before > kWaited_s ? std::optional(after) : std::nullopt;
}

bool Runner::Busy() const {
  if (!scoring_.empty() && stopping_ < 2) return true;
  return AnyRuns() || WaitsForOthers();
}

std::string Runner::LabelOf(int number) const {
  const Combination* combination = CombinationOf(number);
  std::string label = combination == nullptr ? "" : combination->Label();
  if (const auto confirmed = ConfirmedTrial(parts_.ledger.At(number))) {
    label += fmt::format("{}confirms {}", label.empty() ? "" : ", ", *confirmed);
  }
  return label;
}

TrialNote Runner::NoteOf(int number) {
  const search::TrialRecord& trial = parts_.ledger.At(number);
  const auto text = [&](const std::string& key) {
    const auto attr = trial.user_attrs.find(key);
    return attr == trial.user_attrs.end() ? std::string() : attr->second.get<std::string>();
  };
  TrialNote note;
  note.number = number;
  note.state = trial.state;
  note.label = LabelOf(number);
  if (!trial.values.empty()) note.value = trial.values.front();
  note.reason = text("reason");
  note.message = text("message");
  note.seconds = AttemptsOf(number).seconds;
  note.attempts = AttemptsOf(number).count;
  return note;
}

void Runner::Tell() {
  StudyProgress progress = Summarize(parts_.ledger.history());
  progress.total += parts_.study.trials * static_cast<int>(parts_.prepared.combinations.size());
  progress.stopping = stopping_ > 0;
  for (const Slot& slot : slots_) progress.slots.push_back(ProgressOf(slot));
  progress.left_s = LeftSeconds(progress.total - progress.ended);
  parts_.observer.OnProgress(progress);
}

SlotProgress Runner::ProgressOf(const Slot& slot) const {
  SlotProgress progress;
  progress.slot = slot.device.name;
  if (slot.trial == nullptr) return progress;
  progress.trial = slot.trial->number();
  progress.label = LabelOf(slot.trial->number());
  const TrialStory& story = slot.trial->story();
  if (!story.epochs.empty()) progress.epoch = story.epochs.rbegin()->first;
  if (story.started) progress.epochs = story.started->epochs;
  const auto& reports = parts_.ledger.At(slot.trial->number()).intermediate;
  if (!reports.empty()) progress.value = reports.rbegin()->second;
  return progress;
}

// The mean length of this session's trials for each of the rest, less what the running ones have done.
std::optional<double> Runner::LeftSeconds(int rest) const {
  double total = 0;
  int count = 0;
  for (const auto& [number, attempts] : attempts_) {
    if (attempts.seconds <= 0) continue;
    total += attempts.seconds;
    ++count;
  }
  if (count == 0) return std::nullopt;
  double left = rest * total / count;
  for (const Slot& slot : slots_) {
    if (slot.trial != nullptr) left -= std::min(total / count, SteadySeconds() - slot.trial->started());
  }
  return std::max(0.0, left) / static_cast<double>(slots_.size());
}

RunnerEnd Runner::End() const {
  const auto& trials = parts_.ledger.history().trials;
  const bool all_ended = std::all_of(
      trials.begin(), trials.end(), [](const search::TrialRecord& trial) { return IsFinished(trial.state); });
  RunnerEnd end;
  end.complete = all_ended && !source_.Next(parts_.ledger.history());
  if (end.complete) {
    for (const auto& [variant, reason] : source_.terminated())
      end.why += (end.why.empty() ? "" : "; ") + reason;
    return end;
  }
  end.interrupted = stopping_ > 0;
  end.failed = alike_.hopeless();
  end.counted_out = counted_out();
  if (end.failed) {
    end.why = alike_.Why();
  } else if (end.counted_out) {
    end.why = fmt::format("this driver has run its {} trials", *parts_.options.count);
  } else if (stopping_ > 0) {
    end.why = "stopped by a signal";
  } else {
    end.why = fmt::format("the study's timeout of {} has passed",
                          FormatDuration(parts_.study.timeout_s.value_or(0)));
  }
  return end;
}

}  // namespace

RunnerEnd RunTrials(const RunnerParts& parts, const std::vector<int>& unfinished,
                    const std::vector<int>& ended) {
  return Runner(parts).Run(unfinished, ended);
}

}  // namespace yoake::studies
