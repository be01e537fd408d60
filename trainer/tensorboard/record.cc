#include "trainer/tensorboard/record.h"

#include <array>

namespace yoake::trainer {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // Reflected.

constexpr std::array<std::uint32_t, 256> Table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ kPolynomial : crc >> 1;
    table[i] = crc;
  }
  return table;
}

template <typename Unsigned>
std::string LittleEndian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

}  // namespace

std::uint32_t MaskedCrc32c(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = Table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) crc = kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

std::string TfRecord(std::string_view bytes) {
  const std::string length = LittleEndian(static_cast<std::uint64_t>(bytes.size()));
  std::string record = length + LittleEndian(MaskedCrc32c(length));
  record.append(bytes);
  return record + LittleEndian(MaskedCrc32c(bytes));
}

}  // namespace yoake::trainer
