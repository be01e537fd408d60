#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

namespace yoake {

// One input. Each fuzzer defines it; main.cc runs it over a corpus, libFuzzer over what it makes up.
void FuzzOne(const std::string& bytes);

inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// Starting threads takes longer than everything else: libFuzzer tries them on one input in sixty-four.
#ifdef YOAKE_LIBFUZZER
inline bool WithThreads(const std::string& bytes) { return std::hash<std::string>()(bytes) % 64 == 0; }
#else
inline bool WithThreads(const std::string&) { return true; }
#endif

}  // namespace yoake
