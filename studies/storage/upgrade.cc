#include "studies/storage/upgrade.h"

#include <fmt/format.h>

#include "core/error.h"
#include "studies/storage/schema_version.h"
#include "studies/storage/sql_connection.h"

namespace yoake::studies {

Upgrade UpgradeStore(const std::string& url) {
  SqlConnection db(ParseStoreUrl(url), OpenMode::kExisting, SqlConnection::Versions::kAny);
  return db.Write([&](Sql& sql) {
    Upgrade upgrade;
    sql.Run("SELECT version_num FROM alembic_version", soci::into(upgrade.from));
    upgrade.to = kCurrentAlembic;
    if (upgrade.from == kCurrentAlembic) return upgrade;
    if (upgrade.from > kCurrentAlembic) {
      throw Error(
          ErrorKind::kStorage,
          fmt::format("its schema version '{}' is newer than this yoake knows ({}): use a newer yoake",
                      upgrade.from, kCurrentAlembic));
    }
    if (upgrade.from != kOptuna31Alembic) {
      throw Error(
          ErrorKind::kStorage,
          fmt::format("its schema version '{}' is of Optuna 3.0 or older: run `optuna storage upgrade "
                      "--storage URL` with Debian's python3-optuna first, then this again",
                      upgrade.from));
    }
    // Optuna's name for it after an upgrade; a fresh store has ix_trials_study_id.
    sql.Run("CREATE INDEX IF NOT EXISTS trials_study_id_key ON trials (study_id)");
    sql.Run("UPDATE alembic_version SET version_num = :version", soci::use(upgrade.to));
    return upgrade;
  });
}

}  // namespace yoake::studies
