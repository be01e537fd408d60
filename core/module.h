#pragma once

#include <string>

namespace yoake {

// A table of functions, `symbol` of the shared library `file` ("libyoake_pictures.so"), which lies beside the
// programs and is loaded at the first call for it only: what few commands need does not slow the others down.
// `what` names it in messages: "pictures". Throws Error{kInternal} when it cannot be loaded. Stays loaded.
const void* LoadModule(const std::string& file, const std::string& symbol, const std::string& what);

}  // namespace yoake
