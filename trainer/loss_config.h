#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "trainer/train_config.h"

namespace yoake::trainer {

// The JSON form of a loss term. Each type has the keys of mmdetection's class of that name and no others.

enum class LossRole { kElement, kBox, kL1 };  // cls and obj | bbox | l1.

// Type names that a role accepts, in the order of the table in loss_config.cc.
std::vector<std::string> LossTypes(LossRole role);

// Every key of a type ("type" included), sorted; empty when the type is unknown.
std::vector<std::string> LossKeys(const std::string& type);

// An object without "type" changes `defaults`; one with a type starts from mmdetection's defaults of that
// type. Throws Error{kConfig} for a type of another role, a key of another type or a value out of range.
LossConfig ParseLossConfig(const JsonReader& reader, LossRole role, const LossConfig& defaults);

nlohmann::json ToJson(const LossConfig& config);

}  // namespace yoake::trainer
