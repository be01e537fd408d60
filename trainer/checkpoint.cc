#include "trainer/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "trainer/pickle_reader.h"
#include "trainer/pickle_writer.h"

namespace yoake::trainer {
namespace {

using Kind = PickleValue::Kind;

// The tensors of a dictionary by name; other entries are left out.
StateDict Tensors(const PickleValue& dict) {
  StateDict state;
  for (const auto& [key, value] : dict.pairs) {
    if (key->kind == Kind::kString && value->kind == Kind::kTensor)
      state.emplace_back(key->text, value->tensor);
  }
  return state;
}

const PickleValue* FindModel(const PickleValue& root) {
  for (const char* key : {"model", "state_dict"}) {
    const PickleValue* found = root.Find(key);
    if (found != nullptr && found->kind == Kind::kDict) return found;
  }
  return &root;
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
  checkpoint.model = Tensors(*FindModel(root));
  if (checkpoint.model.empty()) {
    throw Error(
        ErrorKind::kData,
        "no state dict in it: expected {\"model\": ...}, {\"state_dict\": ...} or a dictionary of tensors",
        path.string());
  }
  if (const PickleValue* meta = root.Find("meta"); meta != nullptr && meta->kind == Kind::kString) {
    checkpoint.meta = nlohmann::json::parse(meta->text, nullptr, /*allow_exceptions=*/false);
    if (checkpoint.meta.is_discarded()) throw Error(ErrorKind::kData, "\"meta\" is not JSON", path.string());
    for (const auto& [key, value] : root.pairs) {
      if (key->text == "model" || value->kind != Kind::kDict) continue;
      checkpoint.groups[key->text] = Tensors(*value);
    }
  }
  return checkpoint;
}

std::string LoadReport::Text() const {
  std::vector<std::string> parts;
  if (!missing.empty()) parts.push_back("missing in the file (left as they were) " + Some(missing));
  if (!mismatched.empty()) parts.push_back("of another shape (left as they were) " + Some(mismatched));
  if (!unexpected.empty()) parts.push_back("not in the model (ignored) " + Some(unexpected));
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
