#include "trainer/onnx/graph.h"

#include <ATen/ATen.h>

#include <string_view>

#include "core/error.h"

namespace yoake::trainer {
namespace {

constexpr int kIrVersion = 7;
constexpr int kOpset = 13;  // The first in which Resize may do without a region of interest.

// Field numbers of onnx.proto.
namespace model_field {
enum { kIrVersion = 1, kProducerName = 2, kProducerVersion = 3, kGraph = 7, kOpsets = 8, kMetadata = 14 };
}
namespace graph_field {
enum { kNode = 1, kName = 2, kInitializer = 5, kDescription = 10, kInput = 11, kOutput = 12 };
}
namespace node_field {
enum { kInput = 1, kOutput = 2, kName = 3, kType = 4, kAttribute = 5 };
}
namespace attribute_field {
enum { kName = 1, kInteger = 3, kText = 4, kIntegers = 8, kType = 20 };
}
namespace tensor_field {
enum { kDims = 1, kType = 2, kName = 8, kRawData = 9 };
}
enum AttributeType { kIntegerType = 2, kTextType = 3, kIntegersType = 7 };
enum ElementType { kFloat = 1, kInt64 = 7 };

ProtobufWriter KeyAndValue(const std::string& key, const std::string& value) {
  ProtobufWriter entry;
  entry.Bytes(1, key);
  entry.Bytes(2, value);
  return entry;
}

ProtobufWriter Dimension(const OnnxDim& dim) {
  ProtobufWriter dimension;
  if (const auto* length = std::get_if<std::int64_t>(&dim)) {
    dimension.Integer(1, *length);
  } else {
    dimension.Bytes(2, std::get<std::string>(dim));
  }
  return dimension;
}

// ValueInfoProto of a float32 tensor.
ProtobufWriter ValueInfo(const std::string& name, const std::vector<OnnxDim>& dims) {
  ProtobufWriter shape;
  for (const OnnxDim& dim : dims) shape.Message(1, Dimension(dim));
  ProtobufWriter tensor;
  tensor.Integer(1, kFloat);
  tensor.Message(2, shape);
  ProtobufWriter type;
  type.Message(1, tensor);
  ProtobufWriter info;
  info.Bytes(1, name);
  info.Message(2, type);
  return info;
}

ProtobufWriter Attribute(const OnnxAttribute& attribute) {
  using namespace attribute_field;
  ProtobufWriter writer;
  writer.Bytes(kName, attribute.name);
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    writer.Integer(kInteger, *integer);
    writer.Integer(kType, kIntegerType);
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    writer.Bytes(kText, *text);
    writer.Integer(kType, kTextType);
  } else {
    writer.Integers(kIntegers, std::get<std::vector<std::int64_t>>(attribute.value));
    writer.Integer(kType, kIntegersType);
  }
  return writer;
}

}  // namespace

std::string OnnxGraph::Input(const std::string& name, const std::vector<OnnxDim>& shape) {
  graph_.Message(graph_field::kInput, ValueInfo(name, shape));
  return name;
}

void OnnxGraph::Output(const std::string& name, const std::vector<OnnxDim>& shape) {
  graph_.Message(graph_field::kOutput, ValueInfo(name, shape));
}

std::string OnnxGraph::Constant(const std::string& name, const at::Tensor& values) {
  const bool integers = values.scalar_type() == at::kLong;
  if (!integers && values.scalar_type() != at::kFloat) {
    throw Error(ErrorKind::kInternal, "neither float32 nor int64", name);
  }
  const at::Tensor dense = values.contiguous();
  ProtobufWriter tensor;
  tensor.Integers(tensor_field::kDims, {dense.sizes().data(), dense.sizes().size()});
  tensor.Integer(tensor_field::kType, integers ? kInt64 : kFloat);
  tensor.Bytes(tensor_field::kName, name);
  tensor.Bytes(tensor_field::kRawData,
               std::string_view(static_cast<const char*>(dense.data_ptr()), dense.nbytes()));
  graph_.Message(graph_field::kInitializer, tensor);
  return name;
}

std::string OnnxGraph::Constant(const std::string& name, const std::vector<std::int64_t>& values) {
  return Constant(name, at::tensor(values));
}

std::string OnnxGraph::Node(const std::string& type, const std::string& name,
                            const std::vector<std::string>& inputs,
                            const std::vector<OnnxAttribute>& attributes) {
  ProtobufWriter node;
  for (const std::string& input : inputs) node.Bytes(node_field::kInput, input);
  node.Bytes(node_field::kOutput, name);
  node.Bytes(node_field::kName, name);
  node.Bytes(node_field::kType, type);
  for (const OnnxAttribute& attribute : attributes)
    node.Message(node_field::kAttribute, Attribute(attribute));
  graph_.Message(graph_field::kNode, node);
  return name;
}

std::string OnnxGraph::Model(const OnnxModelInfo& info) const {
  ProtobufWriter graph = graph_;
  graph.Bytes(graph_field::kName, info.graph_name);
  graph.Bytes(graph_field::kDescription, info.description);
  ProtobufWriter opset;
  opset.Integer(2, kOpset);
  ProtobufWriter model;
  model.Integer(model_field::kIrVersion, kIrVersion);
  model.Bytes(model_field::kProducerName, "yoake");
  model.Bytes(model_field::kProducerVersion, info.producer_version);
  model.Message(model_field::kGraph, graph);
  model.Message(model_field::kOpsets, opset);
  for (const auto& [key, value] : info.metadata)
    model.Message(model_field::kMetadata, KeyAndValue(key, value));
  return model.bytes();
}

}  // namespace yoake::trainer
