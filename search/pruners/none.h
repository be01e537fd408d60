#pragma once

#include <memory>

#include "search/pruner.h"

namespace yoake::search {

// Never prunes. Takes no options.
std::unique_ptr<Pruner> MakeNonePruner(const JsonReader& reader);

}  // namespace yoake::search
