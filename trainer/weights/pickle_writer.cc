#include "trainer/weights/pickle_writer.h"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>

#include <cstring>

#include "core/error.h"

namespace yoake::trainer {
namespace {

const char* StorageName(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "FloatStorage";
    case at::kDouble:
      return "DoubleStorage";
    case at::kHalf:
      return "HalfStorage";
    case at::kBFloat16:
      return "BFloat16Storage";
    case at::kLong:
      return "LongStorage";
    case at::kInt:
      return "IntStorage";
    case at::kShort:
      return "ShortStorage";
    case at::kChar:
      return "CharStorage";
    case at::kByte:
      return "ByteStorage";
    case at::kBool:
      return "BoolStorage";
    default:
      throw Error(ErrorKind::kInternal,
                  "a tensor of type " + std::string(at::toString(type)) + " cannot be stored");
  }
}

// Pickle protocol 2, the one that torch.save chooses.
class Writer {
 public:
  Writer() { out_ = "\x80\x02"; }

  void Op(char op) { out_.push_back(op); }
  void Text(const std::string& text) {
    Op('X');
    Raw(static_cast<std::uint32_t>(text.size()));
    out_ += text;
  }
  void Int(std::int64_t number) {
    if (number >= 0 && number <= 0x7fffffff) {
      Op('J');
      Raw(static_cast<std::int32_t>(number));
    } else {
      out_ += "\x8a\x08";
      Raw(number);
    }
  }
  void Global(const std::string& module, const std::string& name) {
    out_ += "c" + module + "\n" + name + "\n";
  }
  void Integers(at::IntArrayRef numbers) {
    Op('(');
    for (const std::int64_t number : numbers) Int(number);
    Op('t');
  }
  // `tensor` is contiguous; `key` names its record.
  void Tensor(const at::Tensor& tensor, const std::string& key) {
    Global("torch._utils", "_rebuild_tensor_v2");
    out_ += "((";
    Text("storage");
    Global("torch", StorageName(tensor.scalar_type()));
    Text(key);
    Text("cpu");
    Int(tensor.numel());
    out_ += "tQ";
    Int(0);
    Integers(tensor.sizes());
    Integers(tensor.strides());
    Op('\x89');  // Needs no gradient.
    Global("collections", "OrderedDict");
    out_ += ")RtR";
  }
  const std::string& Finish() {
    Op('.');
    return out_;
  }

 private:
  template <typename Number>
  void Raw(Number number) {
    char bytes[sizeof(Number)];
    std::memcpy(bytes, &number, sizeof(Number));
    out_.append(bytes, sizeof(Number));
  }
  std::string out_;
};

}  // namespace

std::string WritePickle(const std::vector<PickleGroup>& groups) {
  Writer pickle;
  std::vector<at::Tensor> records;
  pickle.Op('}');
  pickle.Op('(');
  for (const PickleGroup& group : groups) {
    pickle.Text(group.name);
    if (group.is_text) {
      pickle.Text(group.text);
      continue;
    }
    pickle.Op('}');
    pickle.Op('(');
    for (const auto& [key, tensor] : group.tensors) {
      records.push_back(tensor.detach().to(at::kCPU).contiguous());
      pickle.Text(key);
      pickle.Tensor(records.back(), std::to_string(records.size() - 1));
    }
    pickle.Op('u');
  }
  pickle.Op('u');

  std::string file;
  caffe2::serialize::PyTorchStreamWriter zip([&file](const void* data, std::size_t size) {
    file.append(static_cast<const char*>(data), size);
    return size;
  });
  const std::string& bytes = pickle.Finish();
  zip.writeRecord("data.pkl", bytes.data(), bytes.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    zip.writeRecord("data/" + std::to_string(i), records[i].data_ptr(), records[i].nbytes());
  }
  zip.writeEndOfFile();
  return file;
}

}  // namespace yoake::trainer
