#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/json_reader.h"

namespace yoake::trainer {

// The terms of a YOLOX head.
enum class LossRole { kCls, kObj, kBbox, kL1 };

// "cls", "obj", "bbox", "l1".
const char* NameOf(LossRole role);

// A term by mmdetection's type name with mmdetection's parameters, as pasted; every parameter of the type is
// present (loss_types.h). A number may be three things:
//   2.0  the same all along
//   {"epochs": [0, 20], "values": [1, 0.25]}
//        a curve: straight lines between the points, held outside; with "steps": true held up to the next
//   [1, 1, 4] or {"bicycle": 4}
//        one a category, where the type allows it: in the model's order, or by name (others keep the default)
struct LossConfig {
  LossRole role = LossRole::kCls;
  std::string type;
  std::map<std::string, nlohmann::json> params;

  double NumberAt(const std::string& param, double epoch) const;
  const std::string& Text(const std::string& param) const;
  bool Flag(const std::string& param) const;
  double DefaultOf(const std::string& param) const;  // The type's own.
};

// Every parameter at mmdetection's default, then `changes`.
LossConfig MakeLossConfig(LossRole role, const std::string& type,
                          const std::map<std::string, nlohmann::json>& changes = {});

// Ours: what a YOLOX trains with unless told otherwise (Megvii's terms and weights, reduction "sum").
struct LossesConfig {
  LossConfig cls = MakeLossConfig(LossRole::kCls, "CrossEntropyLoss", {{"reduction", "sum"}});
  LossConfig obj = MakeLossConfig(LossRole::kObj, "CrossEntropyLoss", {{"reduction", "sum"}});
  LossConfig bbox =
      MakeLossConfig(LossRole::kBbox, "IoULoss",
                     {{"loss_weight", 5.0}, {"reduction", "sum"}, {"mode", "square"}, {"eps", 1e-16}});
  LossConfig l1 = MakeLossConfig(LossRole::kL1, "L1Loss", {{"reduction", "sum"}});  // In the last epochs.
  double label_smoothing = 0;  // Class targets t become t (1 - s) + s / 2: the truth may be mislabelled.
  int balance_steps = 25;      // Steps between two looks at what the terms pull with (balance.h); 0: never.
};

// Type names that a role accepts, in the order of the table.
std::vector<std::string> LossTypes(LossRole role);

// Every key of a type ("type" included), sorted; empty when the type is unknown.
std::vector<std::string> LossKeys(const std::string& type);

// An object without "type" changes `defaults`; one with a type starts from mmdetection's defaults of that
// type. Throws Error{kConfig} for a type that does not fit the role of `defaults`, a key of another type or a
// value out of range.
LossConfig ParseLossConfig(const JsonReader& reader, const LossConfig& defaults);

nlohmann::json ToJson(const LossConfig& config);

// A number or a curve at an epoch (0 at the beginning, fractions within an epoch).
double ValueAt(const nlohmann::json& value, double epoch);

}  // namespace yoake::trainer
