#include "core/protobuf_writer.h"

#include <bit>

namespace yoake {
namespace {

enum WireType { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

// Little-endian, whatever the machine is.
template <typename Unsigned>
void AppendFixed(Unsigned value, std::string* bytes) {
  for (std::size_t i = 0; i < sizeof value; ++i) bytes->push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

void ProtobufWriter::Varint(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void ProtobufWriter::Tag(int field, int wire_type) {
  Varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire_type));
}

void ProtobufWriter::Integer(int field, std::int64_t value) {
  Tag(field, kVarint);
  Varint(static_cast<std::uint64_t>(value));
}

void ProtobufWriter::Float(int field, float value) {
  Tag(field, kFixed32);
  AppendFixed(std::bit_cast<std::uint32_t>(value), &bytes_);
}

void ProtobufWriter::Double(int field, double value) {
  Tag(field, kFixed64);
  AppendFixed(std::bit_cast<std::uint64_t>(value), &bytes_);
}

void ProtobufWriter::Bytes(int field, std::string_view value) {
  Tag(field, kLength);
  Varint(value.size());
  bytes_.append(value);
}

void ProtobufWriter::Message(int field, const ProtobufWriter& message) { Bytes(field, message.bytes_); }

void ProtobufWriter::Integers(int field, std::span<const std::int64_t> values) {
  ProtobufWriter packed;
  for (const std::int64_t value : values) packed.Varint(static_cast<std::uint64_t>(value));
  Message(field, packed);
}

void ProtobufWriter::Doubles(int field, std::span<const double> values) {
  Tag(field, kLength);
  Varint(values.size() * sizeof(double));
  for (const double value : values) AppendFixed(std::bit_cast<std::uint64_t>(value), &bytes_);
}

}  // namespace yoake
