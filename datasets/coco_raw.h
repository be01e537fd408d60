#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json_elements.h"
#include "core/json_scanner.h"
#include "core/text_file.h"
#include "datasets/dataset.h"

namespace yoake::datasets {

// A COCO file as it stands, right or wrong: the first of two steps. Parsing keeps what a detector needs of
// each element and skips the rest (masks, licences) without building it, so that large files read quickly.
// datasets/coco.h makes a Dataset of it and says what is wrong.

// One member of an element.
struct RawValue {
  enum class Kind : std::uint8_t { kAbsent, kNull, kBool, kInteger, kReal, kText, kArray, kObject };
  Kind kind = Kind::kAbsent;
  std::int64_t integer = 0;  // kInteger and kBool; of kText where in the file the string begins.
  double number = 0;         // kInteger and kReal; integers past int64 are kReal, as are NaN and Infinity.

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
  bool ignore = false;           // A key beyond COCO's own: whatever is not a number or true means no.
  std::size_t segmentation = 0;  // Where in the file it begins; 0: there is none.
};

// The file's annotations: those in which everything is as it should be as they will stand in the Dataset, the
// others as they were found. Ids may be unknown or stand twice in both.
struct RawAnnotations {
  struct Odd {
    std::size_t index;  // In the file's list.
    RawAnnotation raw;
  };
  std::vector<Annotation> good;            // In file order; the odd ones stand between them.
  std::vector<std::size_t> segmentations;  // Of the good ones.
  std::vector<Odd> odd;

  std::size_t size() const { return good.size() + odd.size(); }

  // For ElementReader.
  void Read(JsonScanner& scanner);
  void Append(RawAnnotations&& next);
  void Expect(double factor);
};

struct RawCoco {
  explicit RawCoco(TextFile text) : file(std::move(text)) {}

  TextFile file;
  RawValue::Kind top = RawValue::Kind::kAbsent;
  RawValue::Kind images_kind = RawValue::Kind::kAbsent;
  RawValue::Kind categories_kind = RawValue::Kind::kAbsent;
  RawValue::Kind annotations_kind = RawValue::Kind::kAbsent;
  std::vector<RawImage> images;
  std::vector<RawCategory> categories;
  RawAnnotations annotations;
  std::vector<RawValue> sources;  // Of a file that WriteCoco wrote from a union.

  std::string Text(const RawValue& text) const;
  // "the string \"12\"", "3.5", "an array", "nothing": for messages.
  std::string Describe(const RawValue& value) const;
};

// The value as an integer; 3.0 is one, 3.5 is not.
std::optional<std::int64_t> AsInteger(const RawValue& value);
// An id is an integer from 0 to 2^53.
std::optional<std::int64_t> AsId(const RawValue& value);

// Throws Error{kData} with line, column and JSON path when the text is not JSON at all. Of a key that stands
// twice the last counts, as in Python. `options` says how the annotations are read.
RawCoco ParseRawCoco(TextFile file, const ElementOptions& options = {});

}  // namespace yoake::datasets
