#pragma once

#include <ATen/core/Tensor.h>

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yoake::trainer {

// One value of a pickle. Containers point into the PickleFile that owns them; cycles are possible, so walk
// only to known places.
struct PickleValue {
  enum class Kind { kNone, kBool, kInt, kFloat, kString, kTensor, kList, kDict, kStorage, kGlobal, kOpaque };
  Kind kind = Kind::kNone;
  std::int64_t integer = 0;               // kBool, kInt.
  double real = 0;                        // kFloat.
  std::string text;                       // kString; kGlobal: "module name".
  at::Tensor tensor;                      // kTensor; kStorage: the flat tensor over it.
  std::vector<const PickleValue*> items;  // kList: lists, tuples and sets.
  std::vector<std::pair<const PickleValue*, const PickleValue*>> pairs;  // kDict, in file order.

  // The value under a string key of a kDict; null when absent.
  const PickleValue* Find(std::string_view key) const;
};

// A zip file as torch.save writes it, read without running anything in it: names of classes and functions are
// only compared, and what is neither a tensor nor plain data becomes kOpaque. Damaged and hostile files end
// in Error{kData}: reads stay in bounds, tensors within their storage, and depth costs no stack. Not read:
// the format before PyTorch 1.6 (no zip), big-endian files, sparse and quantised tensors (kOpaque).
class PickleFile {
 public:
  // Throws Error{kIo} when the file is missing, Error{kData} when it is not such a file.
  explicit PickleFile(const std::filesystem::path& path);
  PickleFile(const PickleFile&) = delete;
  PickleFile& operator=(const PickleFile&) = delete;

  const PickleValue& root() const { return *root_; }

 private:
  std::deque<PickleValue> values_;  // Never moves what it holds.
  const PickleValue* root_ = nullptr;
};

}  // namespace yoake::trainer
