#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/protobuf_writer.h"

namespace yoake::trainer {

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, std::vector<std::int64_t>, std::string> value;
};

// A length, or the name of one that is left open, e.g. "batch".
using OnnxDim = std::variant<std::int64_t, std::string>;

struct OnnxModelInfo {
  std::string graph_name;
  std::string producer_version;
  std::string description;                      // For people; Netron shows it.
  std::map<std::string, std::string> metadata;  // metadata_props.
};

// Writes an ONNX model (onnx/onnx.proto, IR version 7, opset 13) node by node, in an order in which every
// node's inputs come before it. A tensor is known by its name, which the methods return; names must be unique
// and are the caller's. Nothing is checked here: readers of the file do that.
class OnnxGraph {
 public:
  std::string Input(const std::string& name, const std::vector<OnnxDim>& shape);  // float32
  void Output(const std::string& name, const std::vector<OnnxDim>& shape);        // float32

  // float32 or int64, any layout; stored dense.
  std::string Constant(const std::string& name, const at::Tensor& values);
  std::string Constant(const std::string& name, const std::vector<std::int64_t>& values);

  // A node of one output; node and output bear the same name.
  std::string Node(const std::string& type, const std::string& name, const std::vector<std::string>& inputs,
                   const std::vector<OnnxAttribute>& attributes = {});

  // The bytes of the whole file.
  std::string Model(const OnnxModelInfo& info) const;

 private:
  ProtobufWriter graph_;
};

}  // namespace yoake::trainer
