#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

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

// The study store, in Optuna's own schema, so that Optuna and its dashboard open every study and every study
// of theirs opens here. All calls are transactions: after any crash the store holds what returned. Several
// processes may use one store; one Storage object belongs to one thread and is not used across a fork.
//
// Every call throws Error{kUsage} for a study, number or state that does not fit, and Error{kStorage}, naming
// the store and the reason, when the store itself refuses (locked, damaged, full disk, read-only folder).
class Storage {
 public:
  virtual ~Storage() = default;

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
  virtual search::History ReadHistory(const std::string& study) = 0;
  virtual search::TrialRecord ReadTrial(const std::string& study, int number) = 0;

  // Takes the next number. A waiting (enqueued) trial is handed out first: it turns RUNNING and keeps its
  // number, its "fixed_params" stand in system_attrs.
  virtual search::TrialRecord StartTrial(const std::string& study) = 0;
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

// "sqlite:///relative.db", "sqlite:////absolute.db"; "?optuna_compat=3.1" behind it makes a fresh store one
// that Optuna 3.1 (Debian 12) opens. Reads and continues stores of Optuna 3.1 to 5; any other version is
// refused with the command that brings it there. Reading alone does not change a file.
std::unique_ptr<Storage> OpenStorage(const std::string& url, OpenMode mode = OpenMode::kCreate);

}  // namespace yoake::studies
