#include "core/module.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include "core/error.h"

namespace yoake {
namespace {

// Beside the program first, then where the run path says: sanitizers put themselves between dlopen and the
// program, whose run path then does not count.
void* Open(const std::string& file) {
  std::error_code none;
  const auto beside = std::filesystem::read_symlink("/proc/self/exe", none).replace_filename(file);
  void* const module = ::dlopen(beside.c_str(), RTLD_NOW | RTLD_LOCAL);
  return module != nullptr ? module : ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

const void* LoadModule(const std::string& file, const std::string& symbol, const std::string& what) {
  void* const module = Open(file);
  const void* const table = module == nullptr ? nullptr : ::dlsym(module, symbol.c_str());
  if (table != nullptr) return table;
  const char* const reason = ::dlerror();
  throw Error(ErrorKind::kInternal, "the module for " + what +
                                        " cannot be loaded: " + (reason == nullptr ? "" : reason) +
                                        "; it should lie beside the yoake program");
}

}  // namespace yoake
