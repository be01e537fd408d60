#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trainer/weights/pickle_reader.h"

namespace yoake::trainer {

[[noreturn]] void RefusePickle(const std::string& message);  // Throws Error{kData}.

// Bytes read front to back; throws Error{kData} at a read beyond the end.
class PickleBytes {
 public:
  explicit PickleBytes(std::string_view bytes) : bytes_(bytes) {}

  std::string_view Take(std::uint64_t count);
  std::string_view Line();  // Up to the line end, which is taken too.
  template <typename Number>
  Number Read();

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

// What the pickles of one file may hold together.
struct PickleHeap {
  std::deque<PickleValue>* values;
  std::deque<PickleStorage>* storages;
};

// The stack machine of Python's pickle, protocols 0 to 5 as far as torch.save uses them. Calls that mean
// tensors and dictionaries are understood by name; any other gives an opaque value.
class PickleMachine {
 public:
  // Fills in the data of a storage whose type, key and count are known; may leave it for later.
  using OpenStorage = std::function<void(const std::string& key, PickleStorage* storage)>;

  PickleMachine(PickleHeap heap, OpenStorage open) : heap_(heap), open_(std::move(open)) {}

  // Reads one pickle, up to its end mark. Several may follow each other; each has its own memo.
  const PickleValue* Run(PickleBytes* bytes);

  // The storages named so far.
  const std::map<std::string, PickleStorage*>& storages() const { return by_key_; }

 private:
  PickleValue* New(PickleValue::Kind kind);
  void PushText(std::string_view text);
  void PushInt(std::int64_t number, PickleValue::Kind kind = PickleValue::Kind::kInt);
  void Push(PickleValue* value) { stack_.push_back(value); }
  PickleValue* Pop();
  PickleValue* Top() const;
  std::vector<const PickleValue*> PopToMark();
  PickleValue* TopContainer(PickleValue::Kind kind);

  // Each knows some of the instructions; false: not this one.
  bool Scalar(std::uint8_t op);
  bool Container(std::uint8_t op);
  bool Memo(std::uint8_t op);
  bool Object(std::uint8_t op);

  void PushTuple(std::size_t size);
  void PushGlobal(std::string_view module, std::string_view name);
  void AddPairs(const std::vector<const PickleValue*>& items);
  void Reduce();
  PickleValue* PersistentStorage();
  PickleValue* RebuildTensor(const PickleValue& arguments);

  PickleHeap heap_;
  OpenStorage open_;
  PickleBytes* bytes_ = nullptr;
  std::vector<PickleValue*> stack_;  // A null pointer is the mark.
  std::unordered_map<std::uint32_t, PickleValue*> memo_;
  std::map<std::string, PickleStorage*> by_key_;
  std::size_t copied_ = 0;  // Entries copied from lists into dictionaries.
};

}  // namespace yoake::trainer
