#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "search/history.h"
#include "studies/storage/storage.h"
#include "studies/study_folder.h"

namespace yoake::studies {

// What `yoake study status|best|list|trials` show, from the store alone and, where there is a folder, from
// the events of its running trials.

// [{"number","state","params","values","variant","reason","message","seconds","user_attrs"}], ascending.
nlohmann::json TrialsJson(const search::History& history);

// {"number","params","values","variant"} of the best complete trial; null while there is none.
nlohmann::json BestJson(const search::History& history);

// {"name","trials":{state: count},"total","running":[{"number","variant","epoch","epochs","value"}],"best",
// "driver": pid or null}. `folder` may be null.
nlohmann::json StatusJson(const std::string& name, const search::History& history, const StudyFolder* folder);

// [{"name","directions","trials":{..}}].
nlohmann::json StudiesJson(Storage& storage);

}  // namespace yoake::studies
