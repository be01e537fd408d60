#include "trainer/weights/pickle_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "core/error.h"

namespace yoake::trainer {
namespace {

using Kind = PickleValue::Kind;

// A training state holds some ten thousand values; more than this is an attack on memory.
constexpr std::size_t kMaxValues = 2'000'000;
// The one step whose cost the file's size does not bound.
constexpr std::size_t kMaxCopied = 10'000'000;
constexpr std::size_t kMaxDimensions = 16;
constexpr std::size_t kLongestName = 1000;

std::optional<NumberType> StorageType(std::string_view global) {
  static const std::map<std::string_view, NumberType> kTypes = {
      {"torch FloatStorage", NumberType::kFloat}, {"torch DoubleStorage", NumberType::kDouble},
      {"torch HalfStorage", NumberType::kHalf},   {"torch BFloat16Storage", NumberType::kBFloat16},
      {"torch LongStorage", NumberType::kLong},   {"torch IntStorage", NumberType::kInt},
      {"torch ShortStorage", NumberType::kShort}, {"torch CharStorage", NumberType::kChar},
      {"torch ByteStorage", NumberType::kByte},   {"torch BoolStorage", NumberType::kBool}};
  const auto found = kTypes.find(global);
  if (found == kTypes.end()) return std::nullopt;
  return found->second;
}

}  // namespace

void RefusePickle(const std::string& message) { throw Error(ErrorKind::kData, message); }

std::string_view PickleBytes::Take(std::uint64_t count) {
  if (count > bytes_.size() - at_) RefusePickle("the pickle ends in the middle of a value");
  at_ += count;
  return bytes_.substr(at_ - count, count);
}

template <typename Number>
Number PickleBytes::Read() {
  static_assert(std::endian::native == std::endian::little);
  Number number;
  std::memcpy(&number, Take(sizeof(Number)).data(), sizeof(Number));
  return number;
}
template std::int64_t PickleBytes::Read();

std::string_view PickleBytes::Line() {
  const std::size_t end = bytes_.find('\n', at_);
  if (end == std::string_view::npos) RefusePickle("the pickle ends in the middle of a name");
  const std::string_view line = Take(end - at_);
  Take(1);
  return line;
}

const PickleValue* PickleMachine::Run(PickleBytes* bytes) {
  bytes_ = bytes;
  stack_.clear();
  memo_.clear();
  for (;;) {
    const auto op = bytes_->Read<std::uint8_t>();
    if (op == '.') return Pop();
    if (!Scalar(op) && !Container(op) && !Memo(op) && !Object(op)) {
      RefusePickle(fmt::format("pickle instruction 0x{:02x} is not one that torch.save writes", op));
    }
  }
}

PickleValue* PickleMachine::New(Kind kind) {
  if (heap_.values->size() == kMaxValues) RefusePickle("the pickle holds more values than any checkpoint");
  heap_.values->emplace_back().kind = kind;
  return &heap_.values->back();
}

void PickleMachine::PushText(std::string_view text) {
  PickleValue* value = New(Kind::kString);
  value->text = text;
  Push(value);
}

void PickleMachine::PushInt(std::int64_t number, Kind kind) {
  PickleValue* value = New(kind);
  value->integer = number;
  Push(value);
}

PickleValue* PickleMachine::Pop() {
  PickleValue* value = Top();
  stack_.pop_back();
  return value;
}

PickleValue* PickleMachine::Top() const {
  if (stack_.empty() || stack_.back() == nullptr) RefusePickle("the pickle takes from an empty stack");
  return stack_.back();
}

std::vector<const PickleValue*> PickleMachine::PopToMark() {
  std::vector<const PickleValue*> items;
  while (!stack_.empty() && stack_.back() != nullptr) {
    items.push_back(stack_.back());
    stack_.pop_back();
  }
  if (stack_.empty()) RefusePickle("the pickle lacks a mark");
  stack_.pop_back();
  return {items.rbegin(), items.rend()};
}

PickleValue* PickleMachine::TopContainer(Kind kind) {
  PickleValue* value = Top();
  if (value->kind != kind && value->kind != Kind::kOpaque)
    RefusePickle("the pickle adds to what is no container");
  return value;
}

bool PickleMachine::Scalar(std::uint8_t op) {
  switch (op) {
    case 0x80:  // PROTO
      bytes_->Take(1);
      return true;
    case 0x95:  // FRAME
      bytes_->Take(8);
      return true;
    case 'N':
      Push(New(Kind::kNone));
      return true;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      PushInt(op == 0x88, Kind::kBool);
      return true;
    case 'J':
      PushInt(bytes_->Read<std::int32_t>());
      return true;
    case 'K':
      PushInt(bytes_->Read<std::uint8_t>());
      return true;
    case 'M':
      PushInt(bytes_->Read<std::uint16_t>());
      return true;
    case 0x8a: {  // LONG1: little-endian two's complement; past 64 bits nobody asks for the value.
      const std::string_view digits = bytes_->Take(bytes_->Read<std::uint8_t>());
      std::int64_t number = !digits.empty() && (digits.back() & 0x80) != 0 ? -1 : 0;
      std::memcpy(&number, digits.data(), std::min<std::size_t>(digits.size(), 8));
      PushInt(number);
      return true;
    }
    case 'G': {  // Big-endian double.
      PickleValue* value = New(Kind::kFloat);
      value->real = std::bit_cast<double>(__builtin_bswap64(bytes_->Read<std::uint64_t>()));
      Push(value);
      return true;
    }
    case 'X':
    case 'T':
    case 'B':
      PushText(bytes_->Take(bytes_->Read<std::uint32_t>()));
      return true;
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':
    case 'C':
      PushText(bytes_->Take(bytes_->Read<std::uint8_t>()));
      return true;
    case 0x8d:  // BINUNICODE8
    case 0x8e:  // BINBYTES8
      PushText(bytes_->Take(bytes_->Read<std::uint64_t>()));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::Container(std::uint8_t op) {
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

bool PickleMachine::Memo(std::uint8_t op) {
  const auto get = [&](std::uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) RefusePickle("the pickle refers to a value that it has not stored");
    Push(found->second);
    return true;
  };
  switch (op) {
    case 'q':
      memo_[bytes_->Read<std::uint8_t>()] = Top();
      return true;
    case 'r':
      memo_[bytes_->Read<std::uint32_t>()] = Top();
      return true;
    case 0x94:  // MEMOIZE
      memo_[static_cast<std::uint32_t>(memo_.size())] = Top();
      return true;
    case 'h':
      return get(bytes_->Read<std::uint8_t>());
    case 'j':
      return get(bytes_->Read<std::uint32_t>());
    case '0':
      if (stack_.empty()) RefusePickle("the pickle takes from an empty stack");
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

bool PickleMachine::Object(std::uint8_t op) {
  switch (op) {
    case 'c': {
      const std::string_view module = bytes_->Line();
      PushGlobal(module, bytes_->Line());
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

void PickleMachine::PushTuple(std::size_t size) {
  std::vector<const PickleValue*> items(size);
  for (std::size_t i = size; i > 0; --i) items[i - 1] = Pop();
  PickleValue* tuple = New(Kind::kList);
  tuple->items = std::move(items);
  Push(tuple);
}

void PickleMachine::PushGlobal(std::string_view module, std::string_view name) {
  if (module.size() + name.size() > kLongestName) RefusePickle("the pickle names something absurdly long");
  PickleValue* global = New(Kind::kGlobal);
  global->text = fmt::format("{} {}", module, name);
  Push(global);
}

void PickleMachine::AddPairs(const std::vector<const PickleValue*>& items) {
  if (items.size() % 2 != 0) RefusePickle("the pickle gives a key without a value");
  PickleValue* dict = TopContainer(Kind::kDict);
  for (std::size_t i = 0; i < items.size(); i += 2) dict->pairs.emplace_back(items[i], items[i + 1]);
}

void PickleMachine::Reduce() {
  const PickleValue* arguments = Pop();
  const PickleValue* callee = Pop();
  const std::string_view name = callee->kind == Kind::kGlobal ? std::string_view(callee->text) : "";
  if (arguments->kind != Kind::kList) RefusePickle("the pickle calls something without a tuple of arguments");
  const auto& items = arguments->items;
  if (name == "torch._utils _rebuild_tensor_v2" || name == "torch._utils _rebuild_tensor") {
    Push(RebuildTensor(*arguments));
  } else if ((name.starts_with("torch._utils _rebuild_parameter") ||
              name == "torch.jit._pickle restore_type_tag") &&
             !items.empty()) {
    Push(const_cast<PickleValue*>(items[0]));
  } else if (name == "collections OrderedDict") {
    PickleValue* dict = New(Kind::kDict);
    Push(dict);
    if (items.empty()) return;
    copied_ += items[0]->items.size();
    if (copied_ > kMaxCopied) RefusePickle("the pickle repeats a long list without end");
    for (const PickleValue* pair : items[0]->items) {
      if (pair->items.size() == 2) dict->pairs.emplace_back(pair->items[0], pair->items[1]);
    }
  } else {
    PickleValue* value = New(Kind::kOpaque);
    value->text = name;
    Push(value);
  }
}

// ("storage", type, key, location, count), and in files from before 1.6 the place in another storage.
PickleValue* PickleMachine::PersistentStorage() {
  const PickleValue* id = Pop();
  // ("module", class, file, source): how the older format saves an object's class.
  if (id->kind == Kind::kList && id->items.size() > 1 && id->items[0]->text == "module") {
    return const_cast<PickleValue*>(id->items[1]);
  }
  if (id->kind != Kind::kList || id->items.size() < 5 || id->items[0]->text != "storage") {
    RefusePickle("a persistent id is not that of a storage");
  }
  const std::optional<NumberType> type = StorageType(id->items[1]->text);
  const bool is_view = id->items.size() > 5 && id->items[5]->kind != Kind::kNone;
  if (!type || is_view) return New(Kind::kOpaque);
  const std::string& key = id->items[2]->text;
  const std::int64_t count = id->items[4]->integer;
  auto [slot, added] = by_key_.try_emplace(key);
  if (added) {
    if (count < 0) RefusePickle(fmt::format("the storage {} holds {} numbers", key, count));
    heap_.storages->push_back({*type, count, nullptr});
    slot->second = &heap_.storages->back();
    open_(key, slot->second);
  }
  if (slot->second->type != *type) RefusePickle(fmt::format("the storage {} has two types", key));
  PickleValue* storage = New(Kind::kStorage);
  storage->storage = slot->second;
  return storage;
}

// (storage, offset, sizes, strides, ...): a view that must lie within the storage.
PickleValue* PickleMachine::RebuildTensor(const PickleValue& arguments) {
  if (arguments.items.size() < 4) RefusePickle("a tensor lacks its shape");
  const PickleValue& storage = *arguments.items[0];
  if (storage.kind != Kind::kStorage) return New(Kind::kOpaque);
  auto tensor = std::make_unique<PickleTensor>();
  tensor->storage = storage.storage;
  tensor->offset = arguments.items[1]->integer;
  const PickleValue& sizes = *arguments.items[2];
  const PickleValue& strides = *arguments.items[3];
  const std::int64_t count = storage.storage->count;
  if (sizes.items.size() != strides.items.size() || sizes.items.size() > kMaxDimensions ||
      tensor->offset < 0 || tensor->offset > count) {
    RefusePickle("a tensor's shape is impossible");
  }
  std::int64_t elements = 1;
  for (std::size_t i = 0; i < sizes.items.size(); ++i) {
    const std::int64_t size = sizes.items[i]->integer;
    const std::int64_t stride = strides.items[i]->integer;
    if (size < 0 || stride < 0) RefusePickle("a tensor's shape is negative");
    if (__builtin_mul_overflow(elements, size, &elements)) RefusePickle("a tensor's shape overflows");
    tensor->sizes.push_back(size);
    tensor->strides.push_back(stride);
  }
  std::int64_t last = tensor->offset;
  for (std::size_t i = 0; elements > 0 && i < tensor->sizes.size(); ++i) {
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(tensor->sizes[i] - 1, tensor->strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      RefusePickle("a tensor's strides overflow");
    }
  }
  if (elements > count || (elements > 0 && last >= count))
    RefusePickle("a tensor reaches beyond its storage");
  PickleValue* value = New(Kind::kTensor);
  value->tensor = std::move(tensor);
  return value;
}

}  // namespace yoake::trainer
