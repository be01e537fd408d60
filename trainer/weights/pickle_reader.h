#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text_file.h"

namespace yoake::trainer {

enum class NumberType { kFloat, kDouble, kHalf, kBFloat16, kLong, kInt, kShort, kChar, kByte, kBool };

// Bytes of one number: 1 to 8.
std::int64_t SizeOf(NumberType type);

// Numbers one after the other, little-endian, anywhere in the file's bytes (not aligned).
struct PickleStorage {
  NumberType type = NumberType::kFloat;
  std::int64_t count = 0;
  const char* data = nullptr;
};

// A view of a storage, within its bounds. Sizes and strides count numbers; there are as many of them.
struct PickleTensor {
  const PickleStorage* storage = nullptr;
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;  // None negative.
};

// One value of a pickle. Pointers lead to what the PickleFile owns; cycles are possible, so walk only to
// known places.
struct PickleValue {
  enum class Kind { kNone, kBool, kInt, kFloat, kString, kTensor, kList, kDict, kStorage, kGlobal, kOpaque };
  Kind kind = Kind::kNone;
  std::int64_t integer = 0;                    // kBool, kInt.
  double real = 0;                             // kFloat.
  std::string text;                            // kString; kGlobal and kOpaque: "module name", or empty.
  const PickleStorage* storage = nullptr;      // kStorage.
  std::unique_ptr<const PickleTensor> tensor;  // kTensor.
  std::vector<const PickleValue*> items;       // kList: lists, tuples and sets.
  std::vector<std::pair<const PickleValue*, const PickleValue*>> pairs;  // kDict, in file order.

  // The value under a string key of a kDict; null when absent.
  const PickleValue* Find(std::string_view key) const;
};

// A file of torch.save, the zip file of today's or the plain one from before PyTorch 1.6, read without
// running anything in it: names of classes and functions are only compared, and what is neither a tensor nor
// plain data becomes kOpaque. Damaged and hostile files end in Error{kData}: reads stay in bounds, tensors
// within their storage, storages apart from each other, depth costs no stack and memory stays within a
// multiple of the file's size. Not read: TorchScript, tar files (before 0.2), big-endian files; sparse,
// quantised and complex tensors are kOpaque.
class PickleFile {
 public:
  // Throws Error{kIo} when the file is missing, Error{kData} when it is not such a file.
  explicit PickleFile(const std::filesystem::path& path);
  // From memory; `file.name()` stands in messages.
  explicit PickleFile(TextFile file);
  PickleFile(const PickleFile&) = delete;
  PickleFile& operator=(const PickleFile&) = delete;

  const PickleValue& root() const { return *root_; }

 private:
  TextFile file_;
  std::deque<PickleValue> values_;  // Deques never move what they hold.
  std::deque<PickleStorage> storages_;
  const PickleValue* root_ = nullptr;
};

}  // namespace yoake::trainer
