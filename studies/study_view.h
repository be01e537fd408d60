#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "search/history.h"
#include "search/importance.h"
#include "studies/storage/storage.h"
#include "studies/study_folder.h"

namespace yoake::studies {

// What `yoake study status|best|list|trials|importance|pareto|history` show, from the store alone and, where
// there is a folder, from the events of its running trials.

// [{"number","state","params","values","variant","reason","message","seconds","user_attrs"}], ascending.
nlohmann::json TrialsJson(const search::History& history);

// {"number","params","values","variant","runs","mean","estimate","standard_error"} of the best configuration
// (search/incumbent.h), the numbers of its runs and what they say; null while no feasible trial is complete.
nlohmann::json BestJson(const search::History& history);

// {"name","trials":{state: count},"total","running":[{"number","variant","epoch","epochs","value"}],"best",
// "driver": pid or null, "terminated":[{"variant","reason"}]}. `folder` may be null.
nlohmann::json StatusJson(const std::string& name, const search::History& history, const StudyFolder* folder);

// {"method","trials","rest","parameters":[{"name","importance","low","high","trials"}]}
// (search/importance.h). The factors of variants count as parameters, "variant FACTOR".
nlohmann::json ImportanceJson(const search::History& history, const search::ImportanceOptions& options);

// [{"number","values","params","variant"}]: the Pareto front, by number.
nlohmann::json ParetoJson(const search::History& history);

// [{"number","state","value","best","variant"}]: each trial's value (a pruned one's last) and the best of the
// complete ones so far; null where there is none. `objective`: its name or place in a study of several.
nlohmann::json HistoryJson(const search::History& history, const std::string& objective);

// [{"name","directions","trials":{..}}].
nlohmann::json StudiesJson(Storage& storage);

}  // namespace yoake::studies
