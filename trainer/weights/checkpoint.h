#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace yoake::trainer {

// Names and tensors in file order: what Python calls a state dict.
using StateDict = std::vector<std::pair<std::string, at::Tensor>>;

// A file that Python's torch.load opens (also with weights_only=True) as
//   {"model": {key: tensor}, <group>: {key: tensor} ..., "meta": "<JSON text>"}
// so that load_state_dict(torch.load(path)["model"]) works with Megvii's code.
struct Checkpoint {
  StateDict model;                          // The weights to predict with, Megvii's keys.
  std::map<std::string, StateDict> groups;  // Anything else to resume from: "raw", "optimizer", ...
  // Category names, label by label, where the file tells them: ours and mmengine's do.
  std::vector<std::string> categories{};
  std::vector<std::string> unread{};  // Keys of the model that hold something else than a plain tensor.
  nlohmann::json meta;                // Configuration, category names, epoch, metrics; null when absent.
};

// Replaces the file in one step. Tensors of any device and layout are stored dense. Throws Error{kIo}.
void SaveCheckpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

// Reads our files and those of torch.save (pickle_reader.h): {"model": ...} (Megvii), {"state_dict": ...}
// (mmdetection, Lightning) or a plain state dict. No code of the file is run. Tensors come on the CPU. Throws
// Error{kIo} for a missing file and Error{kData} for one that is damaged or holds no state dict.
Checkpoint LoadCheckpoint(const std::filesystem::path& path);

// What did not fit when weights were loaded. `other` lines read "key: file [80, 3] against model [80, 4]".
struct LoadReport {
  std::vector<std::string> missing;     // In the module, not in the file: left as they were.
  std::vector<std::string> unexpected;  // In the file, not in the module: ignored.
  std::vector<std::string> mismatched;  // Other shape: left as they were.
  std::vector<std::string> unread{};    // In the file, no plain tensors: ignored. Checkpoint::unread.
  bool complete() const {
    return missing.empty() && unexpected.empty() && mismatched.empty() && unread.empty();
  }
  std::string Text() const;  // One readable paragraph; empty when complete.
};

// Copies by name into parameters and buffers (kept where they are: device and type of the module).
LoadReport LoadState(torch::nn::Module& module, const StateDict& state);

// Parameters and buffers by name, aliases of the module's own memory.
StateDict StateOf(const torch::nn::Module& module);

}  // namespace yoake::trainer
