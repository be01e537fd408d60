#include "trainer/onnx/onnx_network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/dnn/dnn.hpp>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "core/protobuf_reader.h"
#include "trainer/models/decode.h"

namespace yoake::trainer {
namespace {

// The value of a key of metadata_props (field 14 of ModelProto); empty when it is not there.
std::string Metadata(const std::string& file, const std::string& key, const std::string& where) {
  ProtobufReader model(file, where);
  while (const auto field = model.Next()) {
    if (field->number != 14) continue;
    ProtobufReader entry(field->bytes, where);
    std::string_view name, value;
    while (const auto part = entry.Next()) (part->number == 1 ? name : value) = part->bytes;
    if (name == key) return std::string(value);
  }
  return "";
}

nlohmann::json ReadMeta(const std::string& file, const std::string& where) {
  const std::string text = Metadata(file, "yoake", where);
  if (text.empty()) {
    throw Error(
        ErrorKind::kData,
        "no model that `yoake export` wrote: its metadata have no entry \"yoake\" with category names "
        "and input size",
        where);
  }
  return ParseJson(text, where + ": metadata");
}

cv::Mat AsBlob(const at::Tensor& images) {
  const std::vector<int> sizes(images.sizes().begin(), images.sizes().end());
  return cv::Mat(sizes, CV_32F, images.data_ptr());
}

at::Tensor AsTensor(const cv::Mat& blob) {
  const cv::Mat dense = blob.isContinuous() ? blob : blob.clone();
  const std::vector<std::int64_t> sizes(dense.size.p, dense.size.p + dense.dims);
  return at::from_blob(dense.data, sizes, at::kFloat).clone();
}

// The last image again until there are `count`.
at::Tensor Filled(const at::Tensor& images, std::int64_t count) {
  const std::int64_t missing = count - images.size(0);
  if (missing <= 0) return images;
  return at::cat({images, images.slice(0, -1).expand({missing, -1, -1, -1})});
}

}  // namespace

struct OnnxNetwork::Net {
  cv::dnn::Net net;

  at::Tensor Forward(const at::Tensor& images, const std::string& where) {
    const at::Tensor dense = images.contiguous();
    try {
      net.setInput(AsBlob(dense));
      return AsTensor(net.forward());
    } catch (const cv::Exception& error) {
      throw Error(ErrorKind::kData, "OpenCV " CV_VERSION " cannot run it: " + error.err, where);
    }
  }
};

OnnxNetwork::OnnxNetwork(const std::string& file, const std::string& where)
    : where_(where), net_(std::make_unique<Net>()) {
  const nlohmann::json meta = ReadMeta(file, where);
  card_ = ParseModelCard(meta, where);
  const JsonReader reader(meta, where + ": metadata");
  reader.Read("batch", &batch_);
  reader.Read("decoded", &decoded_);
  if (batch_ && *batch_ < 1) reader.At("batch").Fail("must be at least 1");
  try {
    net_->net = cv::dnn::readNetFromONNX(file.data(), file.size());
  } catch (const cv::Exception& error) {
    throw Error(ErrorKind::kData, "OpenCV " CV_VERSION " cannot read it: " + error.err, where);
  }
  net_->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
}

OnnxNetwork OnnxNetwork::Open(const std::filesystem::path& path) {
  return OnnxNetwork(ReadFile(path), path.string());
}

OnnxNetwork::OnnxNetwork(OnnxNetwork&&) noexcept = default;
OnnxNetwork::~OnnxNetwork() = default;

at::Tensor OnnxNetwork::Run(const at::Tensor& images) {
  const std::int64_t count = images.size(0);
  const std::int64_t step = batch_.value_or(static_cast<int>(count));
  std::vector<at::Tensor> parts;
  for (std::int64_t begin = 0; begin < count; begin += step) {
    const at::Tensor part = images.slice(0, begin, std::min(begin + step, count));
    parts.push_back(net_->Forward(Filled(part, step), where_).slice(0, 0, part.size(0)));
  }
  const at::Tensor rows = parts.size() == 1 ? parts[0] : at::cat(parts);
  if (rows.dim() != 3 || rows.size(2) != 5 + static_cast<std::int64_t>(card_.categories.size())) {
    throw Error(ErrorKind::kData, "its output does not fit the categories of its metadata", where_);
  }
  if (decoded_) return rows;
  const at::Tensor boxes = DecodeBoxes(rows.slice(2, 0, 4), AnchorPoints(card_.config.input_size));
  return at::cat({boxes, rows.slice(2, 4)}, 2);
}

}  // namespace yoake::trainer
