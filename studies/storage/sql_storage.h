#pragma once

#include <memory>

#include "studies/storage/storage.h"
#include "studies/storage/store_url.h"

namespace yoake::studies {

// Storage in Optuna's tables through SOCI. Optuna's forms throughout: infinite values as NULL and a type,
// parameters in internal form beside their distribution's JSON, attributes as json.dumps writes them.
std::unique_ptr<Storage> MakeSqlStorage(StoreUrl url, OpenMode mode);

}  // namespace yoake::studies
