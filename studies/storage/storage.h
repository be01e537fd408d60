#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "search/history.h"
#include "search/sampler.h"

namespace yoake::studies {

struct StudySummary {
  std::string name;
  std::vector<search::Direction> directions;
  std::map<std::string, nlohmann::json> user_attrs;
  std::map<std::string, nlohmann::json> system_attrs;
  std::map<search::TrialState, int> trials;  // How many in each state.
};

// A write into a running trial that another worker runs by now; nothing has been written.
class LostClaim : public Error {
 public:
  LostClaim(std::string message, std::string where)
      : Error(ErrorKind::kStorage, std::move(message), std::move(where)) {}
};

// The system attribute of a trial that names who runs it.
inline constexpr char kClaimKey[] = "yoake:claim";

struct StartOptions {
  // Who runs the trial, a text never used twice ("host:4711:5f3ac2"). The trial then has a heartbeat, which
  // BeatTrials renews; nobody else can write into it while it runs. Empty: anybody may (ask and tell).
  std::string claim;
  // Asked, when no trial is waiting, with the history as it is while no other process can start one: the user
  // attributes of a new trial, or nothing when there shall be none. Absent: always a new one.
  std::function<std::optional<std::map<std::string, nlohmann::json>>(const search::History&)> admit;
};

struct StaleRule {
  double grace_s = 60;  // Without a heartbeat for longer than this its worker is taken for dead.
  int retries = 3;      // How often a trial may be run again for this reason.
  // User attributes that tell of the attempt rather than of the trial; the trial that repeats it has none.
  std::vector<std::string> attempt_attrs;
};

struct StaleTrial {
  int number = 0;
  std::string claim;         // Who did not beat any more; empty when another program (Optuna) ran it.
  std::optional<int> again;  // The waiting trial that repeats it.
};

// The reports that a history holds.
enum class Reports {
  kAll,
  kLastOfPruned,  // At least the last one of each pruned trial: what samplers look at.
};

// The study store, in Optuna's own schema, so that Optuna and its dashboard open every study and every study
// of theirs opens here. All calls are transactions: after any crash the store holds what returned. Several
// processes may use one store; one Storage object belongs to one thread and is not used across a fork.
//
// A server that goes away is waited for, up to ten minutes; what a call was about to write is written once.
// Every call throws Error{kUsage} for a study, number or state that does not fit, and Error{kStorage}, naming
// the store and the reason, when the store itself refuses (locked, damaged, full disk, read-only folder).
class Storage {
 public:
  virtual ~Storage() = default;

  // What a user should know of the place of the store, empty when all is well.
  virtual std::string Warning() const = 0;

  // Error when it exists. `metric_names` is empty or one name an objective; `user_attrs` are there from the
  // first moment, so another process never sees the study without them.
  virtual void CreateStudy(const std::string& name, const std::vector<search::Direction>& directions,
                           const std::vector<std::string>& metric_names,
                           const std::map<std::string, nlohmann::json>& user_attrs = {}) = 0;
  virtual bool HasStudy(const std::string& name) = 0;
  virtual std::vector<StudySummary> Studies() = 0;  // In the order they were made.
  virtual StudySummary ReadStudy(const std::string& study) = 0;
  virtual void SetStudyUserAttr(const std::string& study, const std::string& key,
                                const nlohmann::json& value) = 0;
  virtual void SetStudySystemAttr(const std::string& study, const std::string& key,
                                  const nlohmann::json& value) = 0;

  // All trials of the study, ascending by number. Finished trials are kept in memory, as Optuna does: an
  // attribute that another process adds to one after its end may be missing here.
  virtual search::History ReadHistory(const std::string& study, Reports reports) = 0;
  search::History ReadHistory(const std::string& study) { return ReadHistory(study, Reports::kAll); }
  virtual search::TrialRecord ReadTrial(const std::string& study, int number) = 0;

  // Takes the next number. A waiting (enqueued) trial is handed out first: it turns RUNNING and keeps its
  // number, its "fixed_params" stand in system_attrs.
  virtual std::optional<search::TrialRecord> StartTrial(const std::string& study,
                                                        const StartOptions& options) = 0;
  search::TrialRecord StartTrial(const std::string& study) { return *StartTrial(study, StartOptions{}); }
  // Takes a RUNNING trial over: from now on it is this claim's, and whoever had it gets LostClaim.
  virtual void ClaimTrial(const std::string& study, int number, const std::string& claim) = 0;
  // Renews the heartbeats of the running trials that this object has claimed; returns the numbers of those it
  // has lost.
  virtual std::vector<int> BeatTrials(const std::string& study) = 0;
  // Fails RUNNING trials whose heartbeat is too old and queues a copy of each, with its parameters and
  // attributes and "failed_trial" and "retry_history" as Optuna's retry callback writes them. A trial without
  // a heartbeat is never stale.
  virtual std::vector<StaleTrial> FailStaleTrials(const std::string& study, const StaleRule& rule) = 0;
  // Queues a trial with these parameters (all of the space or some) and returns its number.
  virtual int EnqueueTrial(const std::string& study, const search::ParamSet& params,
                           const std::map<std::string, nlohmann::json>& user_attrs) = 0;
  // Error when a name already has another kind, log or list of choices in this study: Optuna refuses those.
  virtual void SetParams(const std::string& study, int number, const search::Suggestion& suggestion) = 0;
  virtual void Report(const std::string& study, int number, int step,
                      double value) = 0;  // First report a step wins.
  // Attributes may be added to a finished trial (a test set's result), though Optuna itself would not.
  virtual void SetTrialUserAttr(const std::string& study, int number, const std::string& key,
                                const nlohmann::json& value) = 0;
  virtual void SetTrialSystemAttr(const std::string& study, int number, const std::string& key,
                                  const nlohmann::json& value) = 0;
  // COMPLETE needs a value an objective, PRUNED may have values, FAIL has none; infinite values are fine, NaN
  // is not. A finished trial stays as it is: finishing it again is an error. A waiting trial can only fail.
  virtual void FinishTrial(const std::string& study, int number, search::TrialState state,
                           const std::vector<double>& values) = 0;
};

enum class OpenMode {
  kCreate,    // Makes the file and the schema when absent.
  kExisting,  // A missing file is an error: for commands that only make sense on a study that is there.
};

// "sqlite:///relative.db", "sqlite:////absolute.db", "postgresql://user:password@host:port/database";
// "?optuna_compat=3.1" behind it makes a fresh store one that Optuna 3.1 (Debian 12)
// opens. Reads and continues stores of Optuna 3.1 to 5; any other version is
// refused with the command that brings it there. Reading alone does not change a file.
std::unique_ptr<Storage> OpenStorage(const std::string& url, OpenMode mode = OpenMode::kCreate);

}  // namespace yoake::studies
