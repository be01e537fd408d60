#include "trainer/pickle_reader.h"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>

#include "core/error.h"

namespace yoake::trainer {
namespace {

using Kind = PickleValue::Kind;

[[noreturn]] void Refuse(const std::string& message) { throw Error(ErrorKind::kData, message); }

// The bytes of one pickle, read front to back.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  std::string_view Take(std::uint64_t count) {
    if (count > bytes_.size() - at_) Refuse("the pickle ends in the middle of a value");
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  template <typename Number>
  Number Read() {
    static_assert(std::endian::native == std::endian::little);
    Number number;
    std::memcpy(&number, Take(sizeof(Number)).data(), sizeof(Number));
    return number;
  }
  std::string_view Line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) Refuse("the pickle ends in the middle of a name");
    const std::string_view line = Take(end - at_);
    Take(1);
    return line;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

std::optional<at::ScalarType> StorageType(std::string_view global) {
  static const std::map<std::string_view, at::ScalarType> kTypes = {
      {"torch FloatStorage", at::kFloat}, {"torch DoubleStorage", at::kDouble},
      {"torch HalfStorage", at::kHalf},   {"torch BFloat16Storage", at::kBFloat16},
      {"torch LongStorage", at::kLong},   {"torch IntStorage", at::kInt},
      {"torch ShortStorage", at::kShort}, {"torch CharStorage", at::kChar},
      {"torch ByteStorage", at::kByte},   {"torch BoolStorage", at::kBool}};
  const auto found = kTypes.find(global);
  if (found == kTypes.end()) return std::nullopt;
  return found->second;
}

// A flat tensor over one record; the record's memory lives as long as any tensor on it.
at::Tensor ReadStorage(caffe2::serialize::PyTorchStreamReader& zip, const std::string& key,
                       at::ScalarType type, std::int64_t count) {
  const std::string name = "data/" + key;
  if (!zip.hasRecord(name)) Refuse(fmt::format("the record {} is missing", name));
  auto record = zip.getRecord(name);
  const auto size = static_cast<std::int64_t>(std::get<1>(record));
  const auto item = static_cast<std::int64_t>(at::elementSize(type));
  if (count < 0 || count > size / item) {
    Refuse(fmt::format("the record {} holds {} bytes, too few for {} numbers", name, size, count));
  }
  auto owner = std::make_shared<at::DataPtr>(std::move(std::get<0>(record)));
  void* data = owner->get();
  return at::from_blob(
      data, {count}, [owner](void*) {}, at::TensorOptions(type));
}

// The stack machine of Python's pickle, protocols 0 to 5 as far as torch.save uses them.
class Machine {
 public:
  Machine(caffe2::serialize::PyTorchStreamReader& zip, std::deque<PickleValue>& values,
          std::string_view pickle)
      : zip_(zip), values_(values), bytes_(pickle) {}

  const PickleValue* Run() {
    for (;;) {
      const auto op = bytes_.Read<std::uint8_t>();
      if (op == '.') return Pop();
      if (!Scalar(op) && !Container(op) && !Memo(op) && !Object(op)) {
        Refuse(fmt::format("pickle instruction 0x{:02x} is not one that torch.save writes", op));
      }
    }
  }

 private:
  PickleValue* New(Kind kind) {
    values_.emplace_back().kind = kind;
    return &values_.back();
  }
  void PushText(std::string_view text) {
    PickleValue* value = New(Kind::kString);
    value->text = text;
    Push(value);
  }
  void PushInt(std::int64_t number, Kind kind = Kind::kInt) {
    PickleValue* value = New(kind);
    value->integer = number;
    Push(value);
  }

  // A null pointer is the mark.
  void Push(PickleValue* value) { stack_.push_back(value); }
  PickleValue* Pop() {
    PickleValue* value = Top();
    stack_.pop_back();
    return value;
  }
  PickleValue* Top() const {
    if (stack_.empty() || stack_.back() == nullptr) Refuse("the pickle takes from an empty stack");
    return stack_.back();
  }
  std::vector<const PickleValue*> PopToMark() {
    std::vector<const PickleValue*> items;
    while (!stack_.empty() && stack_.back() != nullptr) {
      items.push_back(stack_.back());
      stack_.pop_back();
    }
    if (stack_.empty()) Refuse("the pickle lacks a mark");
    stack_.pop_back();
    return {items.rbegin(), items.rend()};
  }
  PickleValue* TopContainer(Kind kind) {
    PickleValue* value = Top();
    if (value->kind != kind && value->kind != Kind::kOpaque)
      Refuse("the pickle adds to what is no container");
    return value;
  }

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

  caffe2::serialize::PyTorchStreamReader& zip_;
  std::deque<PickleValue>& values_;
  Bytes bytes_;
  std::vector<PickleValue*> stack_;
  std::unordered_map<std::uint32_t, PickleValue*> memo_;
  std::map<std::string, at::Tensor> storages_;
  // Entries copied from lists into dictionaries: the one step whose cost the file's size does not bound.
  static constexpr std::size_t kMaxCopied = 10'000'000;
  std::size_t copied_ = 0;
};

bool Machine::Scalar(std::uint8_t op) {
  switch (op) {
    case 0x80:  // PROTO
      bytes_.Take(1);
      return true;
    case 0x95:  // FRAME
      bytes_.Take(8);
      return true;
    case 'N':
      Push(New(Kind::kNone));
      return true;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      PushInt(op == 0x88, Kind::kBool);
      return true;
    case 'J':
      PushInt(bytes_.Read<std::int32_t>());
      return true;
    case 'K':
      PushInt(bytes_.Read<std::uint8_t>());
      return true;
    case 'M':
      PushInt(bytes_.Read<std::uint16_t>());
      return true;
    case 0x8a: {  // LONG1: little-endian two's complement; past 64 bits nobody asks for the value.
      const std::string_view digits = bytes_.Take(bytes_.Read<std::uint8_t>());
      std::int64_t number = !digits.empty() && (digits.back() & 0x80) != 0 ? -1 : 0;
      std::memcpy(&number, digits.data(), std::min<std::size_t>(digits.size(), 8));
      PushInt(number);
      return true;
    }
    case 'G': {  // Big-endian double.
      PickleValue* value = New(Kind::kFloat);
      value->real = std::bit_cast<double>(__builtin_bswap64(bytes_.Read<std::uint64_t>()));
      Push(value);
      return true;
    }
    case 'X':
    case 'T':
    case 'B':
      PushText(bytes_.Take(bytes_.Read<std::uint32_t>()));
      return true;
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':
    case 'C':
      PushText(bytes_.Take(bytes_.Read<std::uint8_t>()));
      return true;
    case 0x8d:  // BINUNICODE8
    case 0x8e:  // BINBYTES8
      PushText(bytes_.Take(bytes_.Read<std::uint64_t>()));
      return true;
    default:
      return false;
  }
}

bool Machine::Container(std::uint8_t op) {
  switch (op) {
    case '(':
      Push(nullptr);
      return true;
    case ']':
    case ')':
    case 0x8f:  // EMPTY_SET
      Push(New(Kind::kList));
      return true;
    case '}':
      Push(New(Kind::kDict));
      return true;
    case 't':
    case 'l':
    case 0x91: {  // FROZENSET
      std::vector<const PickleValue*> items = PopToMark();
      PickleValue* list = New(Kind::kList);
      list->items = std::move(items);
      Push(list);
      return true;
    }
    case 0x85:  // TUPLE1, TUPLE2, TUPLE3
    case 0x86:
    case 0x87:
      PushTuple(op - 0x84U);
      return true;
    case 'a': {
      const PickleValue* item = Pop();
      TopContainer(Kind::kList)->items.push_back(item);
      return true;
    }
    case 'e':
    case 0x90: {  // ADDITEMS
      const std::vector<const PickleValue*> items = PopToMark();
      PickleValue* list = TopContainer(Kind::kList);
      list->items.insert(list->items.end(), items.begin(), items.end());
      return true;
    }
    case 's': {
      const PickleValue* value = Pop();
      const PickleValue* key = Pop();
      AddPairs({key, value});
      return true;
    }
    case 'u':
      AddPairs(PopToMark());
      return true;
    default:
      return false;
  }
}

bool Machine::Memo(std::uint8_t op) {
  const auto get = [&](std::uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) Refuse("the pickle refers to a value that it has not stored");
    Push(found->second);
    return true;
  };
  switch (op) {
    case 'q':
      memo_[bytes_.Read<std::uint8_t>()] = Top();
      return true;
    case 'r':
      memo_[bytes_.Read<std::uint32_t>()] = Top();
      return true;
    case 0x94:  // MEMOIZE
      memo_[static_cast<std::uint32_t>(memo_.size())] = Top();
      return true;
    case 'h':
      return get(bytes_.Read<std::uint8_t>());
    case 'j':
      return get(bytes_.Read<std::uint32_t>());
    case '0':
      if (stack_.empty()) Refuse("the pickle takes from an empty stack");
      stack_.pop_back();
      return true;
    case '1':
      PopToMark();
      return true;
    case '2':
      Push(Top());
      return true;
    default:
      return false;
  }
}

bool Machine::Object(std::uint8_t op) {
  switch (op) {
    case 'c': {
      const std::string_view module = bytes_.Line();
      PushGlobal(module, bytes_.Line());
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const PickleValue* name = Pop();
      const PickleValue* module = Pop();
      PushGlobal(module->text, name->text);
      return true;
    }
    case 'R':
    case 0x81:  // NEWOBJ
      Reduce();
      return true;
    case 0x92: {  // NEWOBJ_EX
      Pop();
      Reduce();
      return true;
    }
    case 'b':  // BUILD: attributes, such as a state dict's _metadata.
      Pop();
      Top();
      return true;
    case 'Q':
      Push(PersistentStorage());
      return true;
    default:
      return false;
  }
}

void Machine::PushTuple(std::size_t size) {
  std::vector<const PickleValue*> items(size);
  for (std::size_t i = size; i > 0; --i) items[i - 1] = Pop();
  PickleValue* tuple = New(Kind::kList);
  tuple->items = std::move(items);
  Push(tuple);
}

void Machine::PushGlobal(std::string_view module, std::string_view name) {
  if (module.size() + name.size() > 1000) Refuse("the pickle names something absurdly long");
  PickleValue* global = New(Kind::kGlobal);
  global->text = fmt::format("{} {}", module, name);
  Push(global);
}

void Machine::AddPairs(const std::vector<const PickleValue*>& items) {
  if (items.size() % 2 != 0) Refuse("the pickle gives a key without a value");
  PickleValue* dict = TopContainer(Kind::kDict);
  for (std::size_t i = 0; i < items.size(); i += 2) dict->pairs.emplace_back(items[i], items[i + 1]);
}

// Calls that mean tensors and dictionaries are understood by name; any other gives an opaque value.
void Machine::Reduce() {
  const PickleValue* arguments = Pop();
  const PickleValue* callee = Pop();
  const std::string_view name = callee->kind == Kind::kGlobal ? std::string_view(callee->text) : "";
  if (arguments->kind != Kind::kList) Refuse("the pickle calls something without a tuple of arguments");
  if (name == "torch._utils _rebuild_tensor_v2" || name == "torch._utils _rebuild_tensor") {
    Push(RebuildTensor(*arguments));
  } else if (name == "torch._utils _rebuild_parameter" && !arguments->items.empty()) {
    Push(const_cast<PickleValue*>(arguments->items[0]));
  } else if (name == "torch.jit._pickle restore_type_tag" && !arguments->items.empty()) {
    Push(const_cast<PickleValue*>(arguments->items[0]));
  } else if (name == "collections OrderedDict") {
    PickleValue* dict = New(Kind::kDict);
    Push(dict);
    if (arguments->items.empty()) return;
    copied_ += arguments->items[0]->items.size();
    if (copied_ > kMaxCopied) Refuse("the pickle repeats a long list without end");
    for (const PickleValue* pair : arguments->items[0]->items) {
      if (pair->items.size() == 2) dict->pairs.emplace_back(pair->items[0], pair->items[1]);
    }
  } else {
    Push(New(Kind::kOpaque));
  }
}

// ("storage", type, key, location, count).
PickleValue* Machine::PersistentStorage() {
  const PickleValue* id = Pop();
  if (id->kind != Kind::kList || id->items.size() < 5 || id->items[0]->text != "storage") {
    Refuse("a persistent id is not that of a storage");
  }
  const std::optional<at::ScalarType> type = StorageType(id->items[1]->text);
  if (!type) return New(Kind::kOpaque);
  const std::string& key = id->items[2]->text;
  const std::int64_t count = id->items[4]->integer;
  auto [slot, added] = storages_.try_emplace(key);
  if (added) slot->second = ReadStorage(zip_, key, *type, count);
  if (slot->second.scalar_type() != *type) Refuse(fmt::format("the storage {} has two types", key));
  PickleValue* storage = New(Kind::kStorage);
  storage->tensor = slot->second;
  return storage;
}

// (storage, offset, sizes, strides, ...): a view that must lie within the storage.
PickleValue* Machine::RebuildTensor(const PickleValue& arguments) {
  if (arguments.items.size() < 4) Refuse("a tensor lacks its shape");
  const PickleValue& storage = *arguments.items[0];
  if (storage.kind != Kind::kStorage) return New(Kind::kOpaque);
  const std::int64_t offset = arguments.items[1]->integer;
  const PickleValue& sizes = *arguments.items[2];
  const PickleValue& strides = *arguments.items[3];
  const std::int64_t count = storage.tensor.numel();
  constexpr std::size_t kMaxDimensions = 16;
  if (sizes.items.size() != strides.items.size() || sizes.items.size() > kMaxDimensions || offset < 0 ||
      offset > count) {
    Refuse("a tensor's shape is impossible");
  }
  std::vector<std::int64_t> size;
  std::vector<std::int64_t> stride;
  std::int64_t elements = 1;
  for (std::size_t i = 0; i < sizes.items.size(); ++i) {
    size.push_back(sizes.items[i]->integer);
    stride.push_back(strides.items[i]->integer);
    if (size[i] < 0 || stride[i] < 0) Refuse("a tensor's shape is negative");
    if (__builtin_mul_overflow(elements, size[i], &elements)) Refuse("a tensor's shape overflows");
  }
  std::int64_t last = offset;
  for (std::size_t i = 0; elements > 0 && i < size.size(); ++i) {
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(size[i] - 1, stride[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      Refuse("a tensor's strides overflow");
    }
  }
  if (elements > count || (elements > 0 && last >= count)) Refuse("a tensor reaches beyond its storage");
  PickleValue* value = New(Kind::kTensor);
  value->tensor = storage.tensor.as_strided(size, stride, offset);
  return value;
}

}  // namespace

const PickleValue* PickleValue::Find(std::string_view key) const {
  for (const auto& [name, value] : pairs) {
    if (name->kind == Kind::kString && name->text == key) return value;
  }
  return nullptr;
}

PickleFile::PickleFile(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) {
    throw Error(ErrorKind::kIo, "no such file", path.string());
  }
  try {
    caffe2::serialize::PyTorchStreamReader zip(path.string());
    if (!zip.hasRecord("data.pkl")) Refuse("no data.pkl in it");
    if (zip.hasRecord("byteorder")) {
      const auto order = zip.getRecord("byteorder");
      if (std::string_view(static_cast<const char*>(std::get<0>(order).get()), std::get<1>(order)) == "big") {
        Refuse("written on a big-endian machine");
      }
    }
    const auto record = zip.getRecord("data.pkl");
    const std::string_view pickle(static_cast<const char*>(std::get<0>(record).get()), std::get<1>(record));
    root_ = Machine(zip, values_, pickle).Run();
  } catch (const Error& error) {
    throw Error(ErrorKind::kData, "not a readable PyTorch checkpoint: " + error.message(), path.string());
  } catch (const std::exception& error) {
    // The first line; LibTorch appends a stack trace.
    const std::string_view text = error.what();
    throw Error(ErrorKind::kData,
                "not a PyTorch zip file (torch.save since 1.6 writes one): " +
                    std::string(text.substr(0, text.find('\n'))),
                path.string());
  }
}

}  // namespace yoake::trainer
