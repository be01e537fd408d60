#include "core/protobuf_reader.h"

#include <utility>

#include "core/error.h"

namespace yoake {

ProtobufReader::ProtobufReader(std::string_view message, std::string where)
    : rest_(message), size_(message.size()), where_(std::move(where)) {}

void ProtobufReader::Fail(const std::string& what) const {
  throw Error(ErrorKind::kData,
              "not a Protocol Buffers message: " + what + " at byte " + std::to_string(size_ - rest_.size()),
              where_);
}

std::string_view ProtobufReader::Take(std::uint64_t count) {
  if (count > rest_.size()) Fail("a field is longer than the message");
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint64_t ProtobufReader::Varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const auto byte = static_cast<unsigned char>(Take(1).front());
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  Fail("a number takes more than ten bytes");
}

std::optional<ProtobufField> ProtobufReader::Next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t tag = Varint();
  ProtobufField field;
  if (tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) Fail("a field has no valid number");
  field.number = static_cast<int>(tag >> 3);
  const auto fixed = [&](std::size_t bytes) {
    std::size_t shift = 0;
    for (const char byte : Take(bytes)) {
      field.value |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte)) << shift;
      shift += 8;
    }
  };
  switch (tag & 7) {
    case 0:
      field.value = Varint();
      break;
    case 1:
      fixed(8);
      break;
    case 2:
      field.bytes = Take(Varint());
      break;
    case 5:
      fixed(4);
      break;
    default:
      Fail("a field has an unknown type");
  }
  return field;
}

}  // namespace yoake
