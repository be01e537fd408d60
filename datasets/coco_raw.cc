#include "datasets/coco_raw.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

namespace yoake::datasets {
namespace {

using Kind = RawValue::Kind;

constexpr std::int64_t kMaxId = std::int64_t{1} << 53;

// Reads the value that comes next; of arrays and objects only that they are such.
RawValue ReadValue(JsonScanner& scanner) {
  switch (scanner.Peek()) {
    case JsonScanner::Type::kNull:
      scanner.ReadNull();
      return {Kind::kNull, 0, 0};
    case JsonScanner::Type::kBool:
      return {Kind::kBool, scanner.ReadBool() ? 1 : 0, 0};
    case JsonScanner::Type::kNumber: {
      const JsonNumber number = scanner.ReadNumber();
      return {number.whole ? Kind::kInteger : Kind::kReal, number.whole ? number.integer : 0, number.value};
    }
    case JsonScanner::Type::kString: {
      const auto begin = static_cast<std::int64_t>(scanner.offset());
      scanner.ReadString();
      return {Kind::kText, begin, 0};
    }
    case JsonScanner::Type::kArray:
      scanner.Skip();
      return {Kind::kArray, 0, 0};
    case JsonScanner::Type::kObject:
      scanner.Skip();
      return {Kind::kObject, 0, 0};
  }
  return {};
}

RawBox ReadBox(JsonScanner& scanner) {
  RawBox box;
  if (!scanner.NextIs('[')) {
    box.whole = ReadValue(scanner);
    return box;
  }
  box.whole.kind = Kind::kArray;
  scanner.BeginArray();
  for (; scanner.NextElement(); ++box.size) {
    const RawValue value = ReadValue(scanner);
    if (box.size < box.numbers.size()) box.numbers[box.size] = value;
  }
  return box;
}

void ReadMember(JsonScanner& scanner, std::string_view key, RawImage* image) {
  RawValue* const member = IsKey(key, "id")          ? &image->id
                           : IsKey(key, "file_name") ? &image->file_name
                           : IsKey(key, "width")     ? &image->width
                           : IsKey(key, "height")    ? &image->height
                           : IsKey(key, "source")    ? &image->source
                                                     : nullptr;
  if (member == nullptr) return scanner.Skip();
  *member = ReadValue(scanner);
}

void ReadMember(JsonScanner& scanner, std::string_view key, RawCategory* category) {
  RawValue* const member = IsKey(key, "id")              ? &category->id
                           : IsKey(key, "name")          ? &category->name
                           : IsKey(key, "supercategory") ? &category->supercategory
                                                         : nullptr;
  if (member == nullptr) return scanner.Skip();
  *member = ReadValue(scanner);
}

bool IsTrue(const RawValue& value) {
  return value.kind == Kind::kBool ? value.integer != 0 : value.is_number() && value.number != 0;
}

void ReadMember(JsonScanner& scanner, std::string_view key, RawAnnotation* annotation) {
  if (IsKey(key, "bbox")) {
    annotation->bbox = ReadBox(scanner);
    return;
  }
  if (IsKey(key, "ignore")) {
    annotation->ignore = IsTrue(ReadValue(scanner));
    return;
  }
  if (IsKey(key, "segmentation")) {
    annotation->segmentation = scanner.NextIs('n') ? 0 : scanner.offset();
    return scanner.Skip();
  }
  RawValue* const member = IsKey(key, "id")            ? &annotation->id
                           : IsKey(key, "image_id")    ? &annotation->image_id
                           : IsKey(key, "category_id") ? &annotation->category_id
                           : IsKey(key, "area")        ? &annotation->area
                           : IsKey(key, "iscrowd")     ? &annotation->iscrowd
                                                       : nullptr;
  if (member == nullptr) return scanner.Skip();
  *member = ReadValue(scanner);
}

template <typename Element>
Element ReadElement(JsonScanner& scanner) {
  Element element;
  element.is_object = scanner.NextIs('{');
  if (!element.is_object) {
    scanner.Skip();
    return element;
  }
  scanner.BeginObject();
  for (std::string_view key; scanner.NextKey(&key);) ReadMember(scanner, key, &element);
  return element;
}

template <typename Element>
void ReadElements(JsonScanner& scanner, std::vector<Element>* elements) {
  while (scanner.NextElement()) elements->push_back(ReadElement<Element>(scanner));
}

bool IsFinite(const RawValue& value) { return value.is_number() && std::isfinite(value.number); }

bool IsGood(const RawBox& box) {
  if (box.whole.kind != Kind::kArray || box.size != 4) return false;
  for (const RawValue& number : box.numbers) {
    if (!IsFinite(number)) return false;
  }
  return box.numbers[2].number >= 0 && box.numbers[3].number >= 0;
}

// The annotation, unless there is something to say about it (datasets/coco.cc knows what).
std::optional<Annotation> GoodAnnotation(const RawAnnotation& raw) {
  const auto id = AsId(raw.id), image_id = AsId(raw.image_id), category_id = AsId(raw.category_id);
  if (!raw.is_object || !id || !image_id || !category_id || !IsGood(raw.bbox)) return std::nullopt;
  const auto& numbers = raw.bbox.numbers;
  const Box box{numbers[0].number, numbers[1].number, numbers[2].number, numbers[3].number};
  Annotation annotation{
      AnnotationId{*id}, ImageId{*image_id}, CategoryId{*category_id}, box, box.area(), false, raw.ignore};
  if (!raw.area.missing()) {
    if (!IsFinite(raw.area) || raw.area.number < 0) return std::nullopt;
    annotation.area = raw.area.number;
  }
  if (!raw.iscrowd.missing()) {
    if (raw.iscrowd.kind != Kind::kInteger || (raw.iscrowd.integer | 1) != 1) return std::nullopt;
    annotation.crowd = raw.iscrowd.integer == 1;
  }
  return annotation;
}

// Reads the file's object key by key.
class Parser {
 public:
  Parser(RawCoco* raw, const ElementOptions& options) : raw_(raw), options_(options), scanner_(raw->file) {}

  void Run() {
    if (scanner_.NextIs('{')) {
      raw_->top = Kind::kObject;
      scanner_.BeginObject();
      for (std::string_view key; scanner_.NextKey(&key);) ReadSection(key);
    } else {
      raw_->top = ReadValue(scanner_).kind;
    }
    scanner_.Finish();
  }

 private:
  void ReadSection(std::string_view key) {
    if (IsKey(key, "images")) {
      raw_->images.clear();
      if (BeginList(&raw_->images_kind)) ReadElements(scanner_, &raw_->images);
    } else if (IsKey(key, "categories")) {
      raw_->categories.clear();
      if (BeginList(&raw_->categories_kind)) ReadElements(scanner_, &raw_->categories);
    } else if (IsKey(key, "annotations")) {
      raw_->annotations = {};
      if (!BeginList(&raw_->annotations_kind)) return;
      ElementReader<RawAnnotations>::Read(raw_->file, options_, &scanner_, &raw_->annotations);
    } else if (IsKey(key, "sources")) {
      raw_->sources.clear();
      Kind kind{};
      if (!BeginList(&kind)) return;
      while (scanner_.NextElement()) raw_->sources.push_back(ReadValue(scanner_));
    } else {
      scanner_.Skip();
    }
  }

  // False when the value is no list; it has been read then.
  bool BeginList(Kind* kind) {
    if (scanner_.NextIs('[')) {
      *kind = Kind::kArray;
      scanner_.BeginArray();
      return true;
    }
    *kind = ReadValue(scanner_).kind;
    return false;
  }

  RawCoco* raw_;
  const ElementOptions& options_;
  JsonScanner scanner_;
};

}  // namespace

std::optional<std::int64_t> AsInteger(const RawValue& value) {
  if (value.kind == Kind::kInteger) return value.integer;
  if (value.kind != Kind::kReal || value.number != std::floor(value.number)) return std::nullopt;
  if (std::abs(value.number) > 0x1p53) return std::nullopt;
  return static_cast<std::int64_t>(value.number);
}

std::optional<std::int64_t> AsId(const RawValue& value) {
  const auto id = AsInteger(value);
  return id && *id >= 0 && *id <= kMaxId ? id : std::nullopt;
}

void RawAnnotations::Read(JsonScanner& scanner) {
  const RawAnnotation raw = ReadElement<RawAnnotation>(scanner);
  if (const auto annotation = GoodAnnotation(raw)) {
    good.push_back(*annotation);
    segmentations.push_back(raw.segmentation);
  } else {
    odd.push_back({size(), raw});
  }
}

void RawAnnotations::Append(RawAnnotations&& next) {
  for (Odd& element : next.odd) element.index += size();
  good.insert(good.end(), next.good.begin(), next.good.end());
  segmentations.insert(segmentations.end(), next.segmentations.begin(), next.segmentations.end());
  odd.insert(odd.end(), std::make_move_iterator(next.odd.begin()), std::make_move_iterator(next.odd.end()));
}

void RawAnnotations::Expect(double factor) {
  const auto count = static_cast<std::size_t>(static_cast<double>(good.size()) * factor * 1.02);
  good.reserve(count);
  segmentations.reserve(count);
}

std::string RawCoco::Text(const RawValue& text) const {
  return std::string(JsonScanner(file).AtElement(static_cast<std::size_t>(text.integer)).ReadString());
}

std::string RawCoco::Describe(const RawValue& value) const {
  switch (value.kind) {
    case Kind::kAbsent:
      return "nothing";
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return value.integer != 0 ? "true" : "false";
    case Kind::kInteger:
      return fmt::format("{}", value.integer);
    case Kind::kReal:
      return std::isfinite(value.number) ? fmt::format("{}", value.number) : "NaN or infinite";
    case Kind::kText:
      return fmt::format("the string \"{}\"", Text(value));
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

RawCoco ParseRawCoco(TextFile file, const ElementOptions& options) {
  RawCoco raw(std::move(file));
  try {
    Parser(&raw, options).Run();
  } catch (const JsonFault& fault) {
    throw Located(fault, raw.file.text(), raw.file.name());
  }
  return raw;
}

}  // namespace yoake::datasets
