// Any bytes as a results file: read or refused with a message, the same on one thread and on three, boxes or
// masks.

#include <string>

#include "core/error.h"
#include "metrics/detections.h"
#include "tests/fuzz/fuzz.h"

namespace yoake {
namespace {

std::string Outcome(const std::string& bytes, int threads, std::size_t chunk_bytes, bool masks) {
  try {
    metrics::DetectionMasks read;
    const auto detections = metrics::ReadDetections(TextFile::Copy(bytes, "dt.json"), {threads, chunk_bytes},
                                                    masks ? &read : nullptr);
    Require(read.masks.size() == (masks ? detections.size() : 0), "masks are not parallel");
    std::string text = std::to_string(read.boxes_given) + " ";
    const auto add = [&](auto number) { text += std::to_string(number) + " "; };
    for (const metrics::Detection& detection : detections) {
      add(static_cast<std::int64_t>(detection.image_id));
      add(static_cast<std::int64_t>(detection.category_id));
      for (const double number :
           {detection.box.x, detection.box.y, detection.box.w, detection.box.h, detection.score}) {
        add(number);
      }
    }
    for (const datasets::Mask& mask : read.masks) {
      for (const std::uint32_t run : mask.runs) add(run);
    }
    return text;
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
