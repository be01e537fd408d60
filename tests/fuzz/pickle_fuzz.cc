// Any bytes as a checkpoint of PyTorch: refused with a message, or values whose tensors lie within the file.
// What begins with '!' is a pickle alone: it is laid into a zip file with two storages, since few inputs hit
// upon a checksum.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>

#include "core/crc32.h"
#include "core/error.h"
#include "tests/fuzz/fuzz.h"
#include "trainer/weights/pickle_reader.h"

namespace yoake {
namespace {

using trainer::PickleFile;
using trainer::PickleTensor;
using trainer::PickleValue;

std::string Number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

// The fields that the local header and the directory's entry share.
std::string Fields(const std::string& name, const std::string& bytes) {
  return Number(0, 2) + Number(0, 2) + Number(0, 4) + Number(Crc32(bytes), 4) + Number(bytes.size(), 4) +
         Number(bytes.size(), 4) + Number(name.size(), 2) + Number(0, 2);
}

std::string ZipOf(const std::string& pickle) {
  std::string file;
  std::string directory;
  const std::pair<std::string, std::string> records[] = {
      {"a/data.pkl", pickle}, {"a/data/0", std::string(16, '\x01')}, {"a/data/1", std::string(3, '\x02')}};
  for (const auto& [name, bytes] : records) {
    directory += "PK\x01\x02" + Number(20, 2) + Number(20, 2) + Fields(name, bytes) + Number(0, 2) +
                 Number(0, 2) + Number(0, 2) + Number(0, 4) + Number(file.size(), 4) + name;
    file += "PK\x03\x04" + Number(20, 2) + Fields(name, bytes) + name + bytes;
  }
  return file + directory + "PK\x05\x06" + Number(0, 4) + Number(3, 2) + Number(3, 2) +
         Number(directory.size(), 4) + Number(file.size(), 4) + Number(0, 2);
}

// Reads the numbers at both ends, so that a sanitizer sees them outside.
void CheckTensor(const PickleTensor& tensor) {
  Require(tensor.storage != nullptr && tensor.storage->data != nullptr, "a tensor without numbers");
  Require(tensor.sizes.size() == tensor.strides.size(), "as many sizes as strides");
  std::int64_t last = tensor.offset;
  bool empty = false;
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    empty = empty || tensor.sizes[i] == 0;
    last += (tensor.sizes[i] - 1) * tensor.strides[i];
  }
  if (empty) return;
  Require(tensor.offset >= 0 && last >= tensor.offset && last < tensor.storage->count,
          "a tensor out of bounds");
  const std::int64_t size = SizeOf(tensor.storage->type);
  volatile char seen = tensor.storage->data[tensor.offset * size];
  seen = tensor.storage->data[(last + 1) * size - 1];
  (void)seen;
}

// The values that a reader of state dicts walks to: three levels of dictionaries and lists.
void Walk(const PickleValue& value, int depth) {
  if (value.kind == PickleValue::Kind::kTensor) CheckTensor(*value.tensor);
  if (depth == 3) return;
  constexpr std::size_t kSeen = 20;
  for (std::size_t i = 0; i < std::min(kSeen, value.items.size()); ++i) Walk(*value.items[i], depth + 1);
  for (std::size_t i = 0; i < std::min(kSeen, value.pairs.size()); ++i)
    Walk(*value.pairs[i].second, depth + 1);
}

}  // namespace

void FuzzOne(const std::string& bytes) {
  const bool is_pickle = bytes.starts_with("!");
  try {
    const PickleFile file(TextFile::Copy(is_pickle ? ZipOf(bytes.substr(1)) : bytes, "fuzz"));
    Walk(file.root(), 0);
    file.root().Find("model");
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kData, "an error of another kind");
  }
}

}  // namespace yoake
