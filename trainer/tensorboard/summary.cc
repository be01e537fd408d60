#include "trainer/tensorboard/summary.h"

#include <nlohmann/json.hpp>

namespace yoake::trainer {
namespace {

// google/protobuf/struct.proto, Value.
ProtobufWriter StructValue(const nlohmann::json& value) {
  ProtobufWriter message;
  if (value.is_boolean()) {
    message.Integer(4, value.get<bool>() ? 1 : 0);
  } else if (value.is_number()) {
    message.Double(2, value.get<double>());
  } else {
    message.Bytes(3, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return message;
}

ProtobufWriter Event(double wall_s, std::int64_t step) {
  ProtobufWriter event;
  event.Double(1, wall_s);
  event.Integer(2, step);
  return event;
}

}  // namespace

void Summary::Scalar(const std::string& tag, double value) {
  ProtobufWriter entry;
  entry.Bytes(1, tag);
  entry.Float(2, static_cast<float>(value));
  message_.Message(1, entry);
}

void Summary::Image(const std::string& tag, int width, int height, const std::string& encoded) {
  constexpr int kColour = 3;
  ProtobufWriter image;
  image.Integer(1, height);
  image.Integer(2, width);
  image.Integer(3, kColour);
  image.Bytes(4, encoded);
  ProtobufWriter entry;
  entry.Bytes(1, tag);
  entry.Message(4, image);
  message_.Message(1, entry);
}

void Summary::PluginValue(const std::string& tag, const std::string& plugin, const ProtobufWriter& content,
                          const ProtobufWriter* tensor) {
  ProtobufWriter data;
  data.Bytes(1, plugin);
  data.Message(2, content);
  ProtobufWriter metadata;
  metadata.Message(1, data);
  ProtobufWriter entry;
  entry.Bytes(1, tag);
  if (tensor != nullptr) entry.Message(8, *tensor);
  entry.Message(9, metadata);
  message_.Message(1, entry);
}

void Summary::Text(const std::string& tag, const std::string& markdown) {
  constexpr int kString = 7;
  ProtobufWriter dimension;
  dimension.Integer(1, 1);
  ProtobufWriter shape;
  shape.Message(2, dimension);
  ProtobufWriter tensor;
  tensor.Integer(1, kString);
  tensor.Message(2, shape);
  tensor.Bytes(8, markdown);
  PluginValue(tag, "text", {}, &tensor);
}

void Summary::HParams(const nlohmann::json& values, double start_s) {
  ProtobufWriter session;
  for (const auto& [name, value] : values.items()) {
    if (value.is_null()) continue;
    ProtobufWriter entry;
    entry.Bytes(1, name);
    entry.Message(2, StructValue(value));
    session.Message(1, entry);
  }
  session.Double(5, start_s);
  ProtobufWriter content;
  content.Message(3, session);
  PluginValue("_hparams_/session_start_info", "hparams", content, nullptr);
}

void Summary::HParamsEnd(bool success, double end_s) {
  ProtobufWriter session;
  session.Integer(1, success ? 1 : 2);
  session.Double(2, end_s);
  ProtobufWriter content;
  content.Message(4, session);
  PluginValue("_hparams_/session_end_info", "hparams", content, nullptr);
}

ProtobufWriter VersionEvent(double wall_s) {
  ProtobufWriter event = Event(wall_s, 0);
  event.Bytes(3, "brain.Event:2");
  return event;
}

ProtobufWriter RestartEvent(double wall_s, std::int64_t step) {
  constexpr int kStart = 1;
  ProtobufWriter log;
  log.Integer(1, kStart);
  ProtobufWriter event = Event(wall_s, step);
  event.Message(7, log);
  return event;
}

ProtobufWriter SummaryEvent(double wall_s, std::int64_t step, const Summary& summary) {
  ProtobufWriter event = Event(wall_s, step);
  event.Message(5, summary.message());
  return event;
}

}  // namespace yoake::trainer
