#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yoake {

// One field of a message: a number, or bytes (a string, a message, packed numbers).
struct ProtobufField {
  int number = 0;
  std::uint64_t value = 0;  // Varint; the bits of fixed 32 and 64.
  std::string_view bytes;   // Points into what the reader was given.
};

// Walks over the fields of one message, see core/protobuf_writer.h; nested messages take a reader of their
// own. Reads foreign bytes: whatever they are, it stays inside them and every call goes forward.
class ProtobufReader {
 public:
  // `message` is borrowed; `where` names it in errors, e.g. the file.
  ProtobufReader(std::string_view message, std::string where);

  // The next field, nullopt at the end. Throws Error{kData} where the bytes are no message.
  std::optional<ProtobufField> Next();

 private:
  std::uint64_t Varint();
  std::string_view Take(std::uint64_t count);
  [[noreturn]] void Fail(const std::string& what) const;

  std::string_view rest_;
  std::size_t size_;
  std::string where_;
};

}  // namespace yoake
