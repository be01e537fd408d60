#include "tests/trainer/npy.h"

#include <ATen/ATen.h>

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include "core/atomic_file.h"

namespace yoake::trainer {
namespace {

std::string Between(const std::string& text, const std::string& before, char after) {
  const std::size_t start = text.find(before);
  if (start == std::string::npos) throw std::runtime_error("no " + before + " in an npy header");
  const std::size_t from = start + before.size();
  return text.substr(from, text.find(after, from) - from);
}

}  // namespace

at::Tensor ReadNpy(const std::filesystem::path& path) {
  const std::string bytes = ReadFile(path);
  if (bytes.compare(0, 6, "\x93NUMPY") != 0) throw std::runtime_error(path.string() + " is no npy file");
  std::uint16_t length = 0;
  std::memcpy(&length, bytes.data() + 8, 2);
  const std::string header = bytes.substr(10, length);
  const std::string type = Between(header, "'descr': '", '\'');
  const at::ScalarType scalar = type == "<f4" ? at::kFloat : type == "<i8" ? at::kLong : at::kByte;
  if (type != "<f4" && type != "<i8" && type != "|u1")
    throw std::runtime_error(path.string() + ": type " + type);
  std::vector<std::int64_t> sizes;
  std::stringstream shape(Between(header, "'shape': (", ')'));
  for (std::string part; std::getline(shape, part, ',');) {
    if (part.find_first_of("0123456789") != std::string::npos) sizes.push_back(std::stoll(part));
  }
  at::Tensor tensor = at::empty(sizes, scalar);
  if (bytes.size() != 10U + length + tensor.nbytes())
    throw std::runtime_error(path.string() + ": wrong size");
  std::memcpy(tensor.data_ptr(), bytes.data() + 10 + length, tensor.nbytes());
  return tensor;
}

}  // namespace yoake::trainer
