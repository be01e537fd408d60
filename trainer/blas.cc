#include "trainer/blas.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "trainer/run/memory_limit.h"

// OpenBLAS's own names, looked up at run time: the program also starts where another BLAS answers.
namespace yoake::trainer {
namespace {

template <typename Function>
Function* FindSymbol(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

// The core whose kernels suit this CPU best; null when OpenBLAS's own choice is as good as ours.
const char* BestCore() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return "SkylakeX";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return nullptr;
}

// OpenBLAS picked a core that is as wide as the CPU by itself.
bool IsWide(std::string_view core, std::string_view best) {
  if (core == best) return true;
  if (best == "SkylakeX") return core == "Cooperlake" || core == "SapphireRapids";
  return core == "Zen";
}

}  // namespace

void PrepareProcess(int argc, char** argv) {
  // Activations of 10 MB and more would otherwise be mapped, faulted in and unmapped again in every step.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2147483647);

  auto* core_name = FindSymbol<char*()>("openblas_get_corename");
  const char* best = BestCore();
  if (argc < 1 || core_name == nullptr || best == nullptr || std::getenv("OPENBLAS_CORETYPE") != nullptr ||
      IsWide(core_name(), best)) {
    return;
  }
  setenv("OPENBLAS_CORETYPE", best, 1);
  setenv("OPENBLAS_NUM_THREADS", "1",
         0);  // SetThreads() starts what is needed; each takes a buffer for good.
  std::error_code ignored;
  execv(std::filesystem::read_symlink("/proc/self/exe", ignored).c_str(), argv);
  unsetenv("OPENBLAS_CORETYPE");  // Not replaced: slower, not wrong.
}

void SetThreads(int threads) {
  at::set_num_threads(threads);
  if (auto* set = FindSymbol<void(int)>("openblas_set_num_threads")) set(threads);
}

bool ReserveBlasBuffers(int threads) {
  constexpr std::int64_t kBufferBytes = std::int64_t{129} << 20;  // Address space; most of it is never used.
  auto* take = FindSymbol<void*(int)>("blas_memory_alloc");
  auto* give_back = FindSymbol<void(void*)>("blas_memory_free");
  if (!FindOwnLimit() || take == nullptr || give_back == nullptr) return true;
  // One for each of its own threads, which it starts when it is loaded, but for the caller's, and of ours.
  auto* processors = FindSymbol<int()>("openblas_get_num_procs");
  const char* asked = std::getenv("OPENBLAS_NUM_THREADS");
  const int loaded = asked != nullptr ? std::atoi(asked) : processors != nullptr ? processors() : 1;
  std::vector<void*> buffers;
  bool fits = true;
  for (int i = 0; fits && i < std::max(loaded, threads) - 1 + threads; ++i) {
    const auto limit = FindOwnLimit();  // Some buffers may be there already.
    fits = limit->most - limit->now > kBufferBytes;
    if (fits) buffers.push_back(take(0));
  }
  for (void* buffer : buffers) give_back(buffer);  // Into its own store.
  return fits;
}

std::string BlasDescription() {
  auto* core = FindSymbol<char*()>("openblas_get_corename");
  if (core == nullptr)
    return "not OpenBLAS: training is several times slower; install libopenblas-dev and rebuild";
  auto* config = FindSymbol<char*()>("openblas_get_config");
  auto* threads = FindSymbol<int()>("openblas_get_num_threads");
  // "OpenBLAS 0.3.21 DYNAMIC_ARCH ...": two words are enough.
  std::string version = config == nullptr ? "OpenBLAS" : config();
  const std::size_t second = version.find(' ', version.find(' ') + 1);
  version = version.substr(0, second);
  const int count = threads == nullptr ? 1 : threads();
  std::string text =
      fmt::format("{}, {} kernels, {} thread{}", version, core(), count, count == 1 ? "" : "s");
  const char* best = BestCore();
  if (best != nullptr && !IsWide(core(), best)) {
    text += fmt::format("; OPENBLAS_CORETYPE={} would be faster on this CPU", best);
    if (const char* set = std::getenv("OPENBLAS_CORETYPE"))
      text += fmt::format(" (the environment says {})", set);
  }
  return text;
}

}  // namespace yoake::trainer
