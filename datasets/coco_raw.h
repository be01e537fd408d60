#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yoake::datasets {

// A COCO file as it stands, right or wrong: the first of two steps. Parsing keeps what a detector needs of
// each element and skips the rest (masks, licences) without building it, so that large files read quickly.
// datasets/coco.h makes a Dataset of it and says what is wrong.

// One member of an element.
struct RawValue {
  enum class Kind : std::uint8_t { kAbsent, kNull, kBool, kInteger, kReal, kText, kArray, kObject };
  Kind kind = Kind::kAbsent;
  std::int64_t integer = 0;  // kInteger and kBool; of kText the index into RawCoco::texts.
  double number = 0;         // kInteger and kReal; integers past int64 are kReal.

  bool is_number() const { return kind == Kind::kInteger || kind == Kind::kReal; }
  bool missing() const { return kind == Kind::kAbsent || kind == Kind::kNull; }
};

struct RawBox {
  RawValue whole;                     // Its kind is kArray when the box is one.
  std::size_t size = 0;               // Elements of the array.
  std::array<RawValue, 4> numbers{};  // The first four of them.
};

struct RawImage {
  bool is_object = false;
  RawValue id, file_name, width, height, source;
};

struct RawCategory {
  bool is_object = false;
  RawValue id, name, supercategory;
};

struct RawAnnotation {
  bool is_object = false;
  RawValue id, image_id, category_id, area, iscrowd;
  RawBox bbox;
};

struct RawCoco {
  std::string file;  // For messages.
  RawValue::Kind top = RawValue::Kind::kAbsent;
  RawValue::Kind images_kind = RawValue::Kind::kAbsent;
  RawValue::Kind categories_kind = RawValue::Kind::kAbsent;
  RawValue::Kind annotations_kind = RawValue::Kind::kAbsent;
  std::vector<RawImage> images;
  std::vector<RawCategory> categories;
  std::vector<RawAnnotation> annotations;
  std::vector<RawValue> sources;   // Of a file that WriteCoco wrote from a union.
  std::vector<std::string> texts;  // What kText values point to.

  // "the string \"12\"", "3.5", "an array", "nothing": for messages.
  std::string Describe(const RawValue& value) const;
};

// Throws Error{kData} with line, column and JSON path when `text` is not JSON at all.
RawCoco ParseRawCoco(std::string_view text, const std::string& file);

}  // namespace yoake::datasets
