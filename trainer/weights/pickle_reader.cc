#include "trainer/weights/pickle_reader.h"

#include <fmt/format.h>

#include <optional>

#include "core/error.h"
#include "trainer/weights/pickle_machine.h"
#include "trainer/weights/zip_records.h"

namespace yoake::trainer {
namespace {

using Kind = PickleValue::Kind;

// The pickle of torch.save's magic number, 0x1950a86a20f9469cfc6c: how a file from before 1.6 begins.
constexpr std::string_view kLegacyBegin("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);
constexpr std::string_view kZipBegin = "PK\x03\x04";
constexpr std::size_t kTarMark = 257;  // Where a tar file says "ustar".

// How a file that we do not read becomes one that we do.
std::string ConvertWith(const std::string& what) {
  return "; in Python, torch.save(" + what + ", \"new.pth\") writes one that is read";
}

// Gives a storage its bytes. All together may not take more than the file has, so that overlapping records
// cannot make much out of little.
class Allowance {
 public:
  explicit Allowance(std::size_t bytes) : left_(bytes) {}

  void Give(const std::string& key, std::string_view bytes, PickleStorage* storage) {
    const auto fits = static_cast<std::int64_t>(bytes.size()) / SizeOf(storage->type);
    if (storage->count > fits) {
      RefusePickle(fmt::format("the storage {} holds {} bytes, too few for {} numbers", key, bytes.size(),
                               storage->count));
    }
    if (bytes.size() > left_) RefusePickle("its storages overlap");
    left_ -= bytes.size();
    storage->data = bytes.data();
  }

 private:
  std::size_t left_;
};

const PickleValue* ReadZip(std::string_view file, PickleHeap heap) {
  const ZipRecords zip(file);
  if (zip.Has("constants.pkl")) {
    RefusePickle("a TorchScript program" + ConvertWith("torch.jit.load(path).state_dict()"));
  }
  const auto pickle = zip.Find("data.pkl");
  if (!pickle) RefusePickle("no data.pkl in it");
  if (zip.Find("byteorder").value_or("little") == "big") RefusePickle("written on a big-endian machine");
  Allowance allowance(file.size());
  PickleMachine machine(heap, [&](const std::string& key, PickleStorage* storage) {
    const auto bytes = zip.Find("data/" + key);
    if (!bytes) RefusePickle("the record data/" + key + " is missing");
    allowance.Give(key, *bytes, storage);
  });
  PickleBytes bytes(*pickle);
  return machine.Run(&bytes);
}

// Magic number, protocol, facts about the machine, the object, the keys of its storages, and those in that
// order: each a count and its numbers (torch/serialization.py, _legacy_save).
const PickleValue* ReadLegacy(std::string_view file, PickleHeap heap) {
  PickleMachine machine(heap, [](const std::string&, PickleStorage*) {});
  PickleBytes bytes(file);
  machine.Run(&bytes);
  machine.Run(&bytes);
  const PickleValue* order = machine.Run(&bytes)->Find("little_endian");
  if (order != nullptr && order->integer == 0) RefusePickle("written on a big-endian machine");
  const PickleValue* root = machine.Run(&bytes);
  Allowance allowance(file.size());
  for (const PickleValue* key : machine.Run(&bytes)->items) {
    const auto found = machine.storages().find(key->text);
    if (found == machine.storages().end() || found->second->data != nullptr) {
      RefusePickle("it lists a storage that no tensor names, or one twice");
    }
    PickleStorage* storage = found->second;
    if (bytes.Read<std::int64_t>() != storage->count)
      RefusePickle("the storage " + key->text + " has two lengths");
    std::int64_t size = 0;
    if (__builtin_mul_overflow(storage->count, SizeOf(storage->type), &size))
      RefusePickle("a storage is too large");
    allowance.Give(key->text, bytes.Take(static_cast<std::uint64_t>(size)), storage);
  }
  for (const auto& [key, storage] : machine.storages()) {
    if (storage->data == nullptr) RefusePickle("the storage " + key + " is missing");
  }
  return root;
}

const PickleValue* Read(std::string_view file, PickleHeap heap) {
  if (file.starts_with(kZipBegin)) return ReadZip(file, heap);
  if (file.starts_with(kLegacyBegin)) return ReadLegacy(file, heap);
  if (file.size() > kTarMark + 5 && file.substr(kTarMark, 5) == "ustar") {
    RefusePickle("a tar file from before PyTorch 0.2" + ConvertWith("torch.load(path)"));
  }
  if (file.starts_with("\x80")) {
    RefusePickle("a plain pickle, not written by torch.save" +
                 ConvertWith("pickle.load(open(path, \"rb\"))"));
  }
  RefusePickle("neither a zip file nor the older format of torch.save");
}

TextFile Open(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) throw Error(ErrorKind::kIo, "no such file", path.string());
  return TextFile::Open(path);
}

}  // namespace

std::int64_t SizeOf(NumberType type) {
  switch (type) {
    case NumberType::kDouble:
    case NumberType::kLong:
      return 8;
    case NumberType::kFloat:
    case NumberType::kInt:
      return 4;
    case NumberType::kHalf:
    case NumberType::kBFloat16:
    case NumberType::kShort:
      return 2;
    case NumberType::kChar:
    case NumberType::kByte:
    case NumberType::kBool:
      return 1;
  }
  throw Error(ErrorKind::kInternal, "number type out of range");
}

const PickleValue* PickleValue::Find(std::string_view key) const {
  for (const auto& [name, value] : pairs) {
    if (name->kind == Kind::kString && name->text == key) return value;
  }
  return nullptr;
}

PickleFile::PickleFile(const std::filesystem::path& path) : PickleFile(Open(path)) {}

PickleFile::PickleFile(TextFile file) : file_(std::move(file)) {
  try {
    root_ = Read(file_.text(), {&values_, &storages_});
  } catch (const Error& error) {
    throw Error(ErrorKind::kData, "not a readable PyTorch checkpoint: " + error.message(), file_.name());
  }
}

}  // namespace yoake::trainer
