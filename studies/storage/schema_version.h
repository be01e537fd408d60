#pragma once

#include <string>
#include <string_view>

namespace yoake::studies {

// The versions of Optuna's schema, as alembic_version.version_num names them. They sort as text.
constexpr int kSchemaVersion = 12;                         // version_info.schema_version, since Optuna 1.
constexpr std::string_view kCurrentAlembic = "v3.2.0.a";   // Optuna 3.2 to 5.
constexpr std::string_view kOptuna31Alembic = "v3.0.0.d";  // Optuna 3.1: one index less, else the same.

// What a reader of version_info should think of a store of ours: Optuna 5's schema and UTC times.
constexpr std::string_view kLibraryVersion = "5.0.0+yoake";
constexpr std::string_view kOptuna31LibraryVersion = "3.1.0+yoake";

}  // namespace yoake::studies
