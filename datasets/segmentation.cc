#include "datasets/segmentation.h"

#include <limits>
#include <string_view>

namespace yoake::datasets {
namespace {

constexpr char kShape[] = "polygons [[x, y, ...], ...] or {\"size\": [height, width], \"counts\": ...}";

// A whole number from 0 to `limit`.
std::uint32_t ReadCount(JsonScanner& scanner, std::uint32_t limit, const char* what) {
  const std::size_t begin = scanner.offset();
  JsonNumber number;
  if (!scanner.TryNumber(&number) || !number.whole || number.integer < 0 || number.integer > limit) {
    scanner.FailValue(begin, what);
  }
  return static_cast<std::uint32_t>(number.integer);
}

std::vector<std::uint32_t> ReadCounts(JsonScanner& scanner, std::uint32_t limit, const char* what) {
  std::vector<std::uint32_t> counts;
  scanner.BeginArray();
  while (scanner.NextElement()) counts.push_back(ReadCount(scanner, limit, what));
  return counts;
}

std::vector<std::vector<double>> ReadPolygons(JsonScanner& scanner) {
  std::vector<std::vector<double>> polygons;
  const std::size_t begin = scanner.offset();
  scanner.BeginArray();
  while (scanner.NextElement()) {
    if (!scanner.NextIs('[')) scanner.FailValue(scanner.offset(), "a polygon [x, y, ...]");
    std::vector<double>& polygon = polygons.emplace_back();
    scanner.BeginArray();
    while (scanner.NextElement()) {
      const std::size_t at = scanner.offset();
      JsonNumber number;
      if (!scanner.TryNumber(&number)) scanner.FailValue(at, "a number");
      polygon.push_back(number.value);
    }
  }
  if (polygons.empty()) scanner.FailValue(begin, "at least one polygon");
  return polygons;
}

}  // namespace

Segmentation ReadSegmentation(JsonScanner& scanner) {
  Segmentation result;
  if (scanner.NextIs('[')) {
    result.polygons = ReadPolygons(scanner);
    return result;
  }
  const std::size_t begin = scanner.offset();
  if (!scanner.NextIs('{')) scanner.FailValue(begin, kShape);
  bool size = false, counts = false;
  scanner.BeginObject();
  for (std::string_view key; scanner.NextKey(&key);) {
    const std::size_t at = scanner.offset();
    if (IsKey(key, "size")) {
      if (!scanner.NextIs('[')) scanner.FailValue(at, "[height, width]");
      const auto sides = ReadCounts(scanner, std::numeric_limits<int>::max(), "a whole number of pixels");
      if (sides.size() != 2) scanner.FailValue(at, "[height, width]");
      result.height = static_cast<int>(sides[0]);
      result.width = static_cast<int>(sides[1]);
      size = true;
    } else if (IsKey(key, "counts")) {
      result.kind = scanner.NextIs('"') ? Segmentation::Kind::kString : Segmentation::Kind::kCounts;
      if (result.kind == Segmentation::Kind::kString) {
        result.string = scanner.ReadString();
      } else {
        if (!scanner.NextIs('[')) scanner.FailValue(at, "a string or a list of numbers");
        result.counts =
            ReadCounts(scanner, std::numeric_limits<std::uint32_t>::max(), "a whole number of pixels");
      }
      counts = true;
    } else {
      scanner.Skip();
    }
  }
  if (!size || !counts) scanner.FailValue(begin, kShape);
  return result;
}

Mask MakeMask(const Segmentation& segmentation, int image_height, int image_width) {
  switch (segmentation.kind) {
    case Segmentation::Kind::kPolygons:
      return MaskFromPolygons(segmentation.polygons, image_height, image_width);
    case Segmentation::Kind::kCounts:
      return MaskFromCounts(segmentation.counts, segmentation.height, segmentation.width);
    case Segmentation::Kind::kString:
      return MaskFromString(segmentation.string, segmentation.height, segmentation.width);
  }
  return {};
}

}  // namespace yoake::datasets
