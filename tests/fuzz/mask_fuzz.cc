// Any string as a compressed mask: refused with a message, or a mask that writes the string back and holds
// its own measures. The first two bytes are height and width.

#include <cstdint>
#include <numeric>
#include <string>

#include "core/error.h"
#include "datasets/mask.h"
#include "tests/fuzz/fuzz.h"

namespace yoake {

void FuzzOne(const std::string& bytes) {
  if (bytes.size() < 2) return;
  const int height = static_cast<unsigned char>(bytes[0]), width = static_cast<unsigned char>(bytes[1]);
  datasets::Mask mask;
  try {
    mask = datasets::MaskFromString(std::string_view(bytes).substr(2), height, width);
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kData, "an error of another kind");
    return;
  }
  const auto pixels = static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width);
  Require(std::accumulate(mask.runs.begin(), mask.runs.end(), std::uint64_t{0}) == pixels,
          "runs do not sum up");
  Require(datasets::MaskFromString(datasets::MaskString(mask), height, width) == mask, "does not read back");
  const std::uint64_t area = MaskArea(mask);
  Require(MaskIntersection(mask, mask) == area && MaskUnion(mask, mask) == mask, "differs from itself");
  const Box box = MaskBox(mask);
  Require(box.x >= 0 && box.right() <= width && box.y >= 0 && box.bottom() <= height,
          "reaches out of its image");
  Require(static_cast<double>(area) <= box.area(), "is larger than its box");
}

}  // namespace yoake
