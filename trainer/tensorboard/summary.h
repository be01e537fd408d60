#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/protobuf_writer.h"

namespace yoake::trainer {

// The messages that TensorBoard reads, field by field as its schemas number them (tensorboard/compat/proto:
// event.proto, summary.proto, tensor.proto; tensorboard/plugins/hparams/plugin_data.proto).

// Summary: what one event says. Every call adds a value under a tag; "train/box_loss" stands in the group
// "train".
class Summary {
 public:
  void Scalar(const std::string& tag, double value);
  // `encoded` is a PNG or JPEG file.
  void Image(const std::string& tag, int width, int height, const std::string& encoded);
  // Markdown, shown in the tab Text.
  void Text(const std::string& tag, const std::string& markdown);
  // One row of the tab HParams: `values` is flat, name -> number, text or boolean (null is left out). Without
  // a list of the experiment's parameters TensorBoard makes it from all runs, those that differ first.
  void HParams(const nlohmann::json& values, double start_s);
  // Closes the row; a row keeps the first word.
  void HParamsEnd(bool success, double end_s);

  bool empty() const { return message_.bytes().empty(); }
  const ProtobufWriter& message() const { return message_; }

 private:
  void PluginValue(const std::string& tag, const std::string& plugin, const ProtobufWriter& content,
                   const ProtobufWriter* tensor);

  ProtobufWriter message_;
};

// Event messages. `wall_s`: seconds since 1970. The first event of a file names the format's version.
ProtobufWriter VersionEvent(double wall_s);
// Everything that earlier files say of this step and later ones did not happen.
ProtobufWriter RestartEvent(double wall_s, std::int64_t step);
ProtobufWriter SummaryEvent(double wall_s, std::int64_t step, const Summary& summary);

}  // namespace yoake::trainer
