#include "datasets/picture_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "core/error.h"

namespace yoake::datasets {
namespace {

// It lies beside the programs, or where the run path says. (Sanitizers put themselves between dlopen and the
// program, whose run path then does not count.)
void* Open() {
  constexpr char kFile[] = "libyoake_pictures.so";
  std::error_code none;
  const auto beside = std::filesystem::read_symlink("/proc/self/exe", none).replace_filename(kFile);
  void* const module = ::dlopen(beside.c_str(), RTLD_NOW | RTLD_LOCAL);
  return module != nullptr ? module : ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
}

const PictureModule& Load() {
  void* const module = Open();
  const void* const table = module == nullptr ? nullptr : ::dlsym(module, "yoake_pictures");
  if (table != nullptr) return *static_cast<const PictureModule*>(table);
  const char* const reason = ::dlerror();
  throw Error(ErrorKind::kInternal, std::string("the module for pictures cannot be loaded: ") +
                                        (reason == nullptr ? "" : reason) +
                                        "; it should lie beside the yoake program");
}

}  // namespace

const PictureModule& Pictures() {
  static const PictureModule& module = Load();
  return module;
}

}  // namespace yoake::datasets
