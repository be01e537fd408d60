#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "studies/storage/sql.h"
#include "studies/storage/storage.h"

namespace yoake::studies {

// The tables of studies and of attributes. Every function runs inside a transaction of the caller.

using Attributes = std::map<std::string, nlohmann::json>;

// The id of a study. `lock` is SqlDialect::lock or empty: who holds a study's row alone starts trials in it.
// Throws Error{kUsage} with a did-you-mean for an unknown one.
RowId FindStudy(Sql& sql, const std::string& study, const std::string& lock = "");

RowId InsertStudy(Sql& sql, const std::string& name, const std::vector<search::Direction>& directions);
std::vector<search::Direction> LoadDirections(Sql& sql, RowId study);
StudySummary LoadStudy(Sql& sql, RowId study, const std::string& name);
// The names of the objectives, which Optuna 3.2 and later may give; none unless there is one for each.
std::vector<std::string> MetricNames(Sql& sql, RowId study, std::size_t objectives);
std::vector<std::pair<RowId, std::string>> ListStudies(Sql& sql);

// The four attribute tables have one form.
enum class AttributeTable { kStudyUser, kStudySystem, kTrialUser, kTrialSystem };
std::string NameOf(AttributeTable table);         // "trial_user_attributes"
std::string OwnerColumnOf(AttributeTable table);  // "trial_id"

// Throws Error{kStorage} naming the key whose text is no JSON.
Attributes LoadAttributes(Sql& sql, AttributeTable table, RowId owner);
// The same from the text of one row.
nlohmann::json ParseAttribute(AttributeTable table, RowId owner, const std::string& key,
                              const std::string& json);
// Replaces the value when the key is there.
void SetAttribute(Sql& sql, AttributeTable table, RowId owner, const std::string& key,
                  const nlohmann::json& value);

}  // namespace yoake::studies
