#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace yoake::datasets {

// SHA-256 (FIPS 180-4) of bytes given in any number of pieces:
//
//   Sha256 hash;
//   hash.Update(first);
//   hash.Update(second);
//   std::string name = hash.HexDigest();
//
// A value: a copy goes on from the same state. For provenance and equality of files, not for secrets.
class Sha256 {
 public:
  void Update(std::string_view bytes);

  // 64 lower-case hexadecimal digits of everything given so far. Does not change the state.
  std::string HexDigest() const;

 private:
  void AddBlock(const unsigned char* block);  // 64 bytes.

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> pending_{};  // Bytes that do not fill a block yet.
  std::size_t pending_size_ = 0;
  std::uint64_t total_bytes_ = 0;
};

std::string Sha256Hex(std::string_view bytes);

}  // namespace yoake::datasets
