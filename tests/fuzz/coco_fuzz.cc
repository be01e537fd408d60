// Any bytes as a truth file: read or refused with a message, the same on one thread and on three, masks or
// none.

#include <string>

#include "core/error.h"
#include "datasets/read.h"
#include "tests/fuzz/fuzz.h"

namespace yoake {
namespace {

std::string Shown(const datasets::Dataset& dataset) {
  std::string text;
  const auto add = [&](auto number) { text += std::to_string(number) + " "; };
  for (const datasets::Image& image : dataset.images) {
    add(static_cast<std::int64_t>(image.id));
    text += image.file_name + " ";
  }
  for (const datasets::Category& category : dataset.categories) text += category.name + " ";
  for (const datasets::Annotation& annotation : dataset.annotations) {
    add(static_cast<std::int64_t>(annotation.id));
    add(static_cast<std::int64_t>(annotation.image_id));
    add(static_cast<std::int64_t>(annotation.category_id));
    for (const double number : {annotation.box.x, annotation.box.y, annotation.box.w, annotation.box.h,
                                annotation.area, annotation.crowd ? 1.0 : 0.0}) {
      add(number);
    }
  }
  for (const datasets::Mask& mask : dataset.masks) {
    for (const std::uint32_t run : mask.runs) add(run);
  }
  return text;
}

std::string Outcome(const std::string& bytes, int threads, std::size_t chunk_bytes, bool masks) {
  try {
    return Shown(
        datasets::ReadCoco(TextFile::Copy(bytes, "gt.json"), "images", {{threads, chunk_bytes}, masks}));
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kData, "an error of another kind");
    return error.what();
  }
}

}  // namespace

void FuzzOne(const std::string& bytes) {
  for (const bool masks : {false, true}) {
    const std::string one = Outcome(bytes, 1, 64, masks);
    if (WithThreads(bytes)) Require(Outcome(bytes, 3, 16, masks) == one, "three threads say something else");
  }
}

}  // namespace yoake
