#include "datasets/picture_module.h"

#include <dlfcn.h>

#include "core/error.h"

namespace yoake::datasets {
namespace {

// It lies beside the programs (run path $ORIGIN).
const PictureModule& Load() {
  void* const module = ::dlopen("libyoake_pictures.so", RTLD_NOW | RTLD_LOCAL);
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
