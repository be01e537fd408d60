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
// processes may use one store; one Storage object belongs to one thread.
// Every call throws Error{kStorage} naming the store and the reason.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual void CreateStudy(const std::string& name, const std::vector<search::Direction>& directions,
                           const std::vector<std::string>& metric_names) = 0;  // Error when it exists.
  virtual bool HasStudy(const std::string& name) = 0;
  virtual std::vector<StudySummary> Studies() = 0;
  virtual void SetStudyUserAttr(const std::string& study, const std::string& key,
                                const nlohmann::json& value) = 0;
  virtual void SetStudySystemAttr(const std::string& study, const std::string& key,
                                  const nlohmann::json& value) = 0;

  // All trials of the study, ascending by number.
  virtual search::History ReadHistory(const std::string& study) = 0;

  // Takes the next number. A waiting (enqueued) trial is handed out first: it turns RUNNING and keeps its
  // number, its "fixed_params" stand in system_attrs.
  virtual search::TrialRecord StartTrial(const std::string& study) = 0;
  virtual int EnqueueTrial(const std::string& study, const search::ParamSet& params,
                           const std::map<std::string, nlohmann::json>& user_attrs) = 0;
  virtual void SetParams(const std::string& study, int number, const search::Suggestion& suggestion) = 0;
  virtual void Report(const std::string& study, int number, int step,
                      double value) = 0;  // First report a step wins.
  virtual void SetTrialUserAttr(const std::string& study, int number, const std::string& key,
                                const nlohmann::json& value) = 0;
  virtual void SetTrialSystemAttr(const std::string& study, int number, const std::string& key,
                                  const nlohmann::json& value) = 0;
  // COMPLETE needs a value an objective, PRUNED may have values, FAIL has none. A finished trial stays as it
  // is: finishing it again is an error.
  virtual void FinishTrial(const std::string& study, int number, search::TrialState state,
                           const std::vector<double>& values) = 0;
};

// "sqlite:///relative.db", "sqlite:////absolute.db". Creates the file and the schema when absent.
std::unique_ptr<Storage> OpenStorage(const std::string& url);

}  // namespace yoake::studies
