#include "trainer/weights/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "core/atomic_file.h"
#include "core/error.h"
#include "trainer/weights/pickle_reader.h"
#include "trainer/weights/pickle_writer.h"

namespace yoake::trainer {
namespace {

using Kind = PickleValue::Kind;

at::ScalarType TypeOf(NumberType type) {
  switch (type) {
    case NumberType::kFloat:
      return at::kFloat;
    case NumberType::kDouble:
      return at::kDouble;
    case NumberType::kHalf:
      return at::kHalf;
    case NumberType::kBFloat16:
      return at::kBFloat16;
    case NumberType::kLong:
      return at::kLong;
    case NumberType::kInt:
      return at::kInt;
    case NumberType::kShort:
      return at::kShort;
    case NumberType::kChar:
      return at::kChar;
    case NumberType::kByte:
      return at::kByte;
    case NumberType::kBool:
      return at::kBool;
  }
  throw Error(ErrorKind::kInternal, "number type out of range");
}

// Copies what is asked for out of the file, each storage once, however many tensors share it.
class TensorMaker {
 public:
  at::Tensor Make(const PickleTensor& tensor) {
    at::Tensor& flat = made_[tensor.storage];
    if (!flat.defined()) flat = Copy(*tensor.storage);
    return flat.as_strided(tensor.sizes, tensor.strides, tensor.offset);
  }

 private:
  static at::Tensor Copy(const PickleStorage& storage) {
    const at::ScalarType type = TypeOf(storage.type);
    // A bool may hold nothing but 0 and 1, whatever the file says.
    at::Tensor flat = at::empty({storage.count}, type == at::kBool ? at::kByte : type);
    std::memcpy(flat.data_ptr(), storage.data, flat.nbytes());
    return type == at::kBool ? flat.ne(0) : flat;
  }
  std::unordered_map<const PickleStorage*, at::Tensor> made_;
};

// The tensors of a dictionary by name; `unread` (may be null) gets the names of other entries.
StateDict Tensors(const PickleValue& dict, TensorMaker* maker, std::vector<std::string>* unread) {
  StateDict state;
  for (const auto& [key, value] : dict.pairs) {
    if (key->kind != Kind::kString) continue;
    if (value->kind == Kind::kTensor) {
      state.emplace_back(key->text, maker->Make(*value->tensor));
    } else if (unread != nullptr) {
      unread->push_back(key->text);
    }
  }
  return state;
}

constexpr const char* kModelKeys[] = {"model", "state_dict", "model_state_dict"};

const PickleValue& FindModel(const PickleValue& root) {
  for (const char* key : kModelKeys) {
    const PickleValue* found = root.Find(key);
    if (found != nullptr && found->kind == Kind::kDict) return *found;
  }
  return root;
}

// The class of a model that was saved as an object, if that is what the file holds.
std::string PickledObject(const PickleValue& root) {
  if (root.kind == Kind::kOpaque) return root.text;
  for (const char* key : kModelKeys) {
    const PickleValue* found = root.Find(key);
    if (found != nullptr && found->kind == Kind::kOpaque) return found->text;
  }
  return "";
}

[[noreturn]] void FailWithoutModel(const PickleValue& root, const std::string& where) {
  std::string object = PickledObject(root);
  if (object.empty()) {
    throw Error(
        ErrorKind::kData,
        "no state dict in it: expected {\"model\": ...}, {\"state_dict\": ...} or a dictionary of tensors",
        where);
  }
  std::replace(object.begin(), object.end(), ' ', '.');
  throw Error(ErrorKind::kData,
              "holds the whole object " + object +
                  ", which only its own program can read; there, torch.save(model.state_dict(), \"new.pth\") "
                  "writes its weights",
              where);
}

// mmengine's {"dataset_meta": {"classes": (...)}}, older ones {"CLASSES": (...)}.
std::vector<std::string> CategoriesOf(const PickleValue& meta) {
  const PickleValue* inner = meta.Find("dataset_meta");
  const PickleValue& holder = inner != nullptr ? *inner : meta;
  std::vector<std::string> names;
  for (const char* key : {"classes", "CLASSES"}) {
    const PickleValue* list = holder.Find(key);
    if (list == nullptr || !names.empty()) continue;
    for (const PickleValue* name : list->items) names.push_back(name->text);
  }
  return names;
}

std::vector<std::string> CategoriesOf(const nlohmann::json& meta) {
  std::vector<std::string> names;
  if (!meta.is_object() || !meta.contains("categories")) return names;
  for (const nlohmann::json& category : meta["categories"]) {
    if (category.is_object()) names.push_back(category.value("name", ""));
  }
  return names;
}

PickleGroup TensorGroup(const std::string& name, const StateDict& state) { return {name, "", false, state}; }

std::string Shape(const at::Tensor& tensor) { return fmt::format("[{}]", fmt::join(tensor.sizes(), ", ")); }

// "5 keys: a, b, c, ..."
std::string Some(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 8;
  const std::size_t shown = std::min(names.size(), kShown);
  return fmt::format("{}: {}{}", names.size(), fmt::join(names.begin(), names.begin() + shown, ", "),
                     shown < names.size() ? ", ..." : "");
}

}  // namespace

void SaveCheckpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  std::vector<PickleGroup> groups = {TensorGroup("model", checkpoint.model)};
  for (const auto& [name, state] : checkpoint.groups) {
    if (name == "model" || name == "meta")
      throw Error(ErrorKind::kInternal, "\"" + name + "\" is a reserved group");
    groups.push_back(TensorGroup(name, state));
  }
  groups.push_back({"meta", checkpoint.meta.dump(), true, {}});
  WriteFileAtomically(path, WritePickle(groups));
}

Checkpoint LoadCheckpoint(const std::filesystem::path& path) {
  const PickleFile file(path);
  const PickleValue& root = file.root();
  Checkpoint checkpoint;
  TensorMaker maker;
  checkpoint.model = Tensors(FindModel(root), &maker, &checkpoint.unread);
  if (checkpoint.model.empty()) FailWithoutModel(root, path.string());
  const PickleValue* meta = root.Find("meta");
  if (meta != nullptr && meta->kind == Kind::kDict) checkpoint.categories = CategoriesOf(*meta);
  if (meta != nullptr && meta->kind == Kind::kString) {
    checkpoint.meta = nlohmann::json::parse(meta->text, nullptr, /*allow_exceptions=*/false);
    if (checkpoint.meta.is_discarded()) throw Error(ErrorKind::kData, "\"meta\" is not JSON", path.string());
    for (const auto& [key, value] : root.pairs) {
      if (key->text == "model" || value->kind != Kind::kDict) continue;
      checkpoint.groups[key->text] = Tensors(*value, &maker, nullptr);
    }
    checkpoint.categories = CategoriesOf(checkpoint.meta);
  }
  return checkpoint;
}

std::string LoadReport::Text() const {
  std::vector<std::string> parts;
  if (!missing.empty()) parts.push_back("missing in the file (left as they were) " + Some(missing));
  if (!mismatched.empty()) parts.push_back("of another shape (left as they were) " + Some(mismatched));
  if (!unexpected.empty()) parts.push_back("not in the model (ignored) " + Some(unexpected));
  if (!unread.empty()) parts.push_back("no tensors that can be read (ignored) " + Some(unread));
  return fmt::format("{}", fmt::join(parts, "; "));
}

StateDict StateOf(const torch::nn::Module& module) {
  StateDict state;
  for (const auto& item : module.named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : module.named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

LoadReport LoadState(torch::nn::Module& module, const StateDict& state) {
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> given(state.begin(), state.end());
  LoadReport report;
  for (auto& [name, tensor] : StateOf(module)) {
    const auto found = given.find(name);
    if (found == given.end()) {
      report.missing.push_back(name);
      continue;
    }
    if (found->second.sizes() == tensor.sizes()) {
      at::Tensor own = tensor;
      own.copy_(found->second);
    } else {
      report.mismatched.push_back(
          fmt::format("{}: file {} against model {}", name, Shape(found->second), Shape(tensor)));
    }
    given.erase(found);
  }
  for (const auto& [name, tensor] : given) report.unexpected.push_back(name);
  return report;
}

}  // namespace yoake::trainer
