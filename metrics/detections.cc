#include "metrics/detections.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_elements.h"
#include "core/json_scanner.h"
#include "core/text_file.h"
#include "datasets/segmentation.h"

namespace yoake::metrics {
namespace {

constexpr std::int64_t kLargestId = std::int64_t{1} << 53;  // Doubles stop naming every integer there.

[[noreturn]] void Fail(std::size_t offset, const std::string& message) {
  throw JsonFault(JsonFault::Kind::kValue, offset, message);
}

// 7.0 is an id too: numpy writes such.
std::int64_t ReadId(JsonScanner& scanner) {
  const std::size_t begin = scanner.offset();
  JsonNumber number;
  if (!scanner.TryNumber(&number) || (!number.whole && number.value != std::floor(number.value))) {
    scanner.FailValue(begin, "an integer");
  }
  const bool large = !number.whole && std::abs(number.value) > 0x1p53;
  const std::int64_t id = number.whole || large ? number.integer : static_cast<std::int64_t>(number.value);
  if (large || id < 0 || id > kLargestId) scanner.FailValue(begin, "an id from 0 to 2^53");
  return id;
}

double ReadFinite(JsonScanner& scanner) {
  const std::size_t begin = scanner.offset();
  JsonNumber number;
  if (!scanner.TryNumber(&number) || !std::isfinite(number.value))
    scanner.FailValue(begin, "a finite number");
  return number.value;
}

// Nothing: [] where that is allowed, as in results of masks.
std::optional<Box> ReadBox(JsonScanner& scanner, bool may_be_empty) {
  const std::size_t begin = scanner.offset();
  if (!scanner.NextIs('[')) scanner.FailValue(begin, "[x, y, width, height]");
  std::array<double, 4> numbers{};
  const std::size_t count = scanner.ReadNumbers(numbers.data(), numbers.size());
  if (count == 0 && may_be_empty) return std::nullopt;
  if (count != numbers.size()) {
    Fail(begin, fmt::format("expected 4 numbers [x, y, width, height], got {}", count));
  }
  const Box box = {numbers[0], numbers[1], numbers[2], numbers[3]};
  if (box.w < 0 || box.h < 0) {
    Fail(begin, fmt::format("width and height must not be negative, got [{}, {}, {}, {}]; corners instead of "
                            "sizes?",
                            box.x, box.y, box.w, box.h));
  }
  return box;
}

datasets::Mask ReadMask(JsonScanner& scanner) {
  const std::size_t begin = scanner.offset();
  const datasets::Segmentation segmentation = datasets::ReadSegmentation(scanner);
  if (segmentation.kind == datasets::Segmentation::Kind::kPolygons) {
    Fail(begin,
         "a detected mask must be run-length coded ({\"size\", \"counts\"}): polygons do not say how large "
         "the image is");
  }
  try {
    return MakeMask(segmentation, 0, 0);
  } catch (const Error& error) {
    Fail(begin, error.message());
  }
}

// A stretch of the results (core/json_elements.h).
struct Results {
  bool want_masks = false;
  std::vector<Detection> detections;
  DetectionMasks masks;

  // Keys come in any order; of a key that stands twice the last counts, as in Python.
  void Read(JsonScanner& scanner) {
    const std::size_t begin = scanner.offset();
    if (!scanner.NextIs('{')) scanner.FailValue(begin, "an object");
    Detection detection;
    bool image = false, category = false, box = false, score = false;
    std::optional<datasets::Mask> mask;
    scanner.BeginObject();
    for (std::string_view key; scanner.NextKey(&key);) {
      if (IsKey(key, "image_id")) {
        detection.image_id = datasets::ImageId{ReadId(scanner)};
        image = true;
      } else if (IsKey(key, "category_id")) {
        detection.category_id = datasets::CategoryId{ReadId(scanner)};
        category = true;
      } else if (IsKey(key, "bbox")) {
        const auto found = ReadBox(scanner, want_masks);
        box = found.has_value();
        if (found) detection.box = *found;
      } else if (IsKey(key, "score")) {
        detection.score = ReadFinite(scanner);
        score = true;
      } else if (want_masks && IsKey(key, "segmentation")) {
        mask = ReadMask(scanner);
      } else {
        scanner.Skip();
      }
    }
    if (!image) Fail(begin, "'image_id' is required");
    if (!category) Fail(begin, "'category_id' is required");
    if (!box && !want_masks) Fail(begin, "'bbox' is required (for masks alone: --iou-type segm)");
    if (!score) Fail(begin, "'score' is required");
    if (want_masks) {
      if (!mask) Fail(begin, "'segmentation' is required where masks are scored");
      if (!box) detection.box = MaskBox(*mask);
      masks.boxes_given = detections.empty() ? box : masks.boxes_given;
      masks.masks.push_back(std::move(*mask));
    }
    detections.push_back(detection);
  }

  void Append(Results&& next) {
    if (detections.empty()) masks.boxes_given = next.masks.boxes_given;
    masks.masks.insert(masks.masks.end(), std::make_move_iterator(next.masks.masks.begin()),
                       std::make_move_iterator(next.masks.masks.end()));
    detections.insert(detections.end(), next.detections.begin(), next.detections.end());
  }

  void Expect(double factor) {
    detections.reserve(static_cast<std::size_t>(static_cast<double>(detections.size()) * factor * 1.02));
  }
};

template <typename Number>
void Append(Number number, std::string* text) {
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number).ptr;  // Shortest that reads back equal.
  text->append(buffer, end);
}

}  // namespace

std::vector<Detection> ReadDetections(const std::filesystem::path& file, int threads, DetectionMasks* masks) {
  return ReadDetections(TextFile::Open(file), {.threads = threads}, masks);
}

std::vector<Detection> ReadDetections(const TextFile& file, const ElementOptions& options,
                                      DetectionMasks* masks) {
  try {
    JsonScanner scanner(file);
    if (scanner.AtEnd())
      throw Error(ErrorKind::kData, "the file is empty; no detections are []", file.name());
    if (const auto type = scanner.Peek(); type != JsonScanner::Type::kArray) {
      const bool object = type == JsonScanner::Type::kObject;
      throw Error(ErrorKind::kData,
                  fmt::format("expected an array of detections, got {}",
                              object ? "an object (the ground truth's file?)" : "a single value"),
                  file.name());
    }
    Results results;
    results.want_masks = masks != nullptr;
    scanner.BeginArray();
    ElementReader<Results>::Read(file, options, &scanner, &results);
    scanner.Finish();
    if (masks != nullptr) *masks = std::move(results.masks);
    return std::move(results.detections);
  } catch (const JsonFault& fault) {
    throw Located(fault, file.text(), file.name());
  }
}

void WriteDetections(const std::filesystem::path& file, const std::vector<Detection>& detections) {
  std::string text = "[";
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const Detection& detection = detections[i];
    const double numbers[] = {detection.box.x, detection.box.y, detection.box.w, detection.box.h,
                              detection.score};
    if (!std::all_of(std::begin(numbers), std::end(numbers),
                     [](double number) { return std::isfinite(number); })) {
      throw Error(ErrorKind::kData, fmt::format("detection {} has a score or box that is not finite", i),
                  file.string());
    }
    text += i == 0 ? "\n{\"image_id\":" : ",\n{\"image_id\":";
    Append(static_cast<std::int64_t>(detection.image_id), &text);
    text += ",\"category_id\":";
    Append(static_cast<std::int64_t>(detection.category_id), &text);
    for (int n = 0; n < 4; ++n) {
      text += n == 0 ? ",\"bbox\":[" : ",";
      Append(numbers[n], &text);
    }
    text += "],\"score\":";
    Append(detection.score, &text);
    text += "}";
  }
  text += detections.empty() ? "]\n" : "\n]\n";
  WriteFileAtomically(file, text);
}

}  // namespace yoake::metrics
