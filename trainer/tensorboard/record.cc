#include "trainer/tensorboard/record.h"

#include "core/crc32.h"

namespace yoake::trainer {
namespace {

template <typename Unsigned>
std::string LittleEndian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

}  // namespace

std::uint32_t MaskedCrc32c(std::string_view bytes) {
  const std::uint32_t crc = Crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

std::string TfRecord(std::string_view bytes) {
  const std::string length = LittleEndian(static_cast<std::uint64_t>(bytes.size()));
  std::string record = length + LittleEndian(MaskedCrc32c(length));
  record.append(bytes);
  return record + LittleEndian(MaskedCrc32c(bytes));
}

}  // namespace yoake::trainer
