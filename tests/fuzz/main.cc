// libFuzzer's entry, and without libFuzzer a main that replays every file of the folders it is given.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  yoake::FuzzOne(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}

#ifndef YOAKE_LIBFUZZER
int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      yoake::FuzzOne({std::istreambuf_iterator<char>(file), {}});
      ++files;
    }
  }
  std::printf("%d inputs\n", files);
  return files > 0 ? 0 : 1;  // An empty corpus proves nothing.
}
#endif
