#include "core/crc32.h"

#include <array>
#include <bit>
#include <cstring>

namespace yoake {
namespace {

constexpr int kSlices = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, kSlices>;

// tables[k][b]: what byte b does to the remainder when k more bytes follow.
constexpr Tables MakeTables(std::uint32_t reflected_polynomial) {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? reflected_polynomial : 0u);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < kSlices; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

std::uint32_t Remainder(std::string_view bytes, const Tables& tables) {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t crc = ~std::uint32_t{0};
  for (; bytes.size() >= kSlices; bytes.remove_prefix(kSlices)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), kSlices);
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < kSlices; ++k) crc ^= tables[kSlices - 1 - k][(word >> (8 * k)) & 0xff];
  }
  for (const char c : bytes) crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

}  // namespace

std::uint32_t Crc32(std::string_view bytes) {
  static constexpr Tables kTables = MakeTables(0xedb88320u);
  return Remainder(bytes, kTables);
}

std::uint32_t Crc32c(std::string_view bytes) {
  static constexpr Tables kTables = MakeTables(0x82f63b78u);
  return Remainder(bytes, kTables);
}

}  // namespace yoake
