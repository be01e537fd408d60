#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/error.h"

namespace yoake {

// What is wrong with a JSON text, and at which byte. Thrown by JsonScanner and by readers that use it;
// whoever holds the whole text makes the Error for the user of it (Located). Two steps, because line, column
// and path take a second walk over the text, and a reader that tries places (json_elements.h) drops most
// faults.
class JsonFault : public Error {
 public:
  enum class Kind {
    kSyntax,  // The text is not JSON.
    kValue,   // It is, but not what the reader needs there.
  };

  JsonFault(Kind kind, std::size_t offset, std::string message)
      : Error(ErrorKind::kData, std::move(message)), fault_(kind), offset_(offset) {}

  Kind fault() const { return fault_; }
  std::size_t offset() const { return offset_; }

 private:
  Kind fault_;
  std::size_t offset_;
};

// The fault with its place in words:
//   gt.json: not valid JSON at line 2, column 9 (in $.images[0]): expected a key, got '}'
//   dt.json: $[1].score: expected a finite number, got NaN
Error Located(const JsonFault& fault, std::string_view text, const std::string& file);

// The JSON path of the value that stands at or around `offset`: "$.annotations[17].bbox[2]". Takes everything
// before for valid. Long paths and keys are shortened.
std::string JsonPath(std::string_view text, std::size_t offset);

// "line 2, column 9" of a byte; columns count characters, not bytes.
std::string LineAndColumn(std::string_view text, std::size_t offset);

// Foreign bytes for a message: at most 40 of them, what cannot be printed as \x1f.
std::string Printable(std::string_view bytes);

}  // namespace yoake
