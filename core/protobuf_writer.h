#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace yoake {

// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), without schema and without
// libprotobuf: one message, field by field in the order of the calls. Fields are named by their number; the
// caller keeps to the schema's types. Every call writes, also what a schema calls a default (0, "").
class ProtobufWriter {
 public:
  // int32, int64, uint32, uint64, bool and enum; a negative number takes ten bytes, as the format wants it.
  void Integer(int field, std::int64_t value);
  void Float(int field, float value);
  void Double(int field, double value);
  void Bytes(int field, std::string_view value);  // string and bytes
  void Message(int field, const ProtobufWriter& message);
  // Repeated numbers in one packed field, as proto3 writes them.
  void Integers(int field, std::span<const std::int64_t> values);
  void Doubles(int field, std::span<const double> values);

  const std::string& bytes() const { return bytes_; }

 private:
  void Varint(std::uint64_t value);
  void Tag(int field, int wire_type);

  std::string bytes_;
};

}  // namespace yoake
