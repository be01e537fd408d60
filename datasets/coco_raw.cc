#include "datasets/coco_raw.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace yoake::datasets {
namespace {

using Kind = RawValue::Kind;

std::string Position(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i + 1 < offset && i < text.size(); ++i) {
    line += text[i] == '\n' ? 1 : 0;
    column = text[i] == '\n' ? 1 : column + 1;
  }
  return fmt::format("line {}, column {}", line, column);
}

// Depths of the parser, counted in open brackets: 1 the file's object, 2 a list of it, 3 an element, 4 the
// element's box. Whatever stands deeper or under another key is counted and dropped.
class Handler : public nlohmann::json_sax<nlohmann::json> {
 public:
  Handler(std::string_view text, RawCoco* out) : text_(text), out_(out) {}

  bool null() override { return Put({Kind::kNull, 0, 0}); }
  bool boolean(bool value) override { return Put({Kind::kBool, value ? 1 : 0, 0}); }
  bool number_integer(number_integer_t value) override {
    return Put({Kind::kInteger, value, static_cast<double>(value)});
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value >> 63 != 0) return Put({Kind::kReal, 0, static_cast<double>(value)});
    return Put({Kind::kInteger, static_cast<std::int64_t>(value), static_cast<double>(value)});
  }
  bool number_float(number_float_t value, const string_t&) override { return Put({Kind::kReal, 0, value}); }
  bool string(string_t& value) override {
    if (!wanted()) return Put({Kind::kText, 0, 0});
    out_->texts.push_back(std::move(value));
    return Put({Kind::kText, static_cast<std::int64_t>(out_->texts.size()) - 1, 0});
  }
  bool binary(binary_t&) override { return true; }

  bool start_object(std::size_t) override {
    Put({Kind::kObject, 0, 0});
    ++depth_;
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override {
    Put({Kind::kArray, 0, 0});
    if (++depth_ == 4) in_box_ = box_ != nullptr;
    return true;
  }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (depth_ == 1) SetSection(name);
    if (depth_ == 3) SetMember(name);
    return true;
  }

  bool parse_error(std::size_t offset, const std::string&,
                   const nlohmann::detail::exception& error) override {
    std::string detail = error.what();
    if (const auto found = detail.find("] "); found != std::string::npos) detail = detail.substr(found + 2);
    if (const auto found = detail.find("syntax error"); found != std::string::npos) {
      detail = detail.substr(found);
    }
    const std::string_view rest =
        text_.substr(std::min(offset - std::min<std::size_t>(offset, 1), text_.size()));
    if (rest.starts_with("NaN") || rest.starts_with("Infinity")) {
      detail = "NaN and Infinity are not JSON; write a number or leave the element out";
    }
    throw Error(ErrorKind::kData,
                fmt::format("not valid JSON at {} (in {}): {}", Position(text_, offset), Path(), detail),
                out_->file);
  }

 private:
  enum class Section { kOther, kImages, kCategories, kAnnotations, kSources };

  bool wanted() const {
    return (depth_ == 3 && member_ != nullptr) || (depth_ == 4 && in_box_) || section_ == Section::kSources;
  }

  bool Close() {
    --depth_;
    if (depth_ < 4) in_box_ = false;
    if (depth_ == 2) {
      member_ = nullptr;
      box_ = nullptr;
    }
    if (depth_ == 1) section_ = Section::kOther;
    return true;
  }

  bool Put(const RawValue& value) {
    if (depth_ == 0) {
      out_->top = value.kind;
    } else if (depth_ == 1) {
      PutSection(value.kind);
    } else if (depth_ == 2) {
      if (section_ == Section::kSources) out_->sources.push_back(value);
      NewElement(value.kind == Kind::kObject);
    } else if (depth_ == 3 && member_ != nullptr) {
      *member_ = value;
    } else if (depth_ == 4 && in_box_) {
      if (box_->size < 4) box_->numbers[box_->size] = value;
      ++box_->size;
    }
    return true;
  }

  void PutSection(Kind kind) {
    if (section_ == Section::kImages) out_->images_kind = kind;
    if (section_ == Section::kCategories) out_->categories_kind = kind;
    if (section_ == Section::kAnnotations) out_->annotations_kind = kind;
    if (kind != Kind::kArray) section_ = Section::kOther;
  }

  void NewElement(bool is_object) {
    if (section_ == Section::kImages) out_->images.emplace_back().is_object = is_object;
    if (section_ == Section::kCategories) out_->categories.emplace_back().is_object = is_object;
    if (section_ == Section::kAnnotations) out_->annotations.emplace_back().is_object = is_object;
  }

  void SetSection(const std::string& name) {
    section_ = name == "images"        ? Section::kImages
               : name == "categories"  ? Section::kCategories
               : name == "annotations" ? Section::kAnnotations
               : name == "sources"     ? Section::kSources
                                       : Section::kOther;
  }

  void SetMember(const std::string& name) {
    member_ = nullptr;
    box_ = nullptr;
    if (section_ == Section::kAnnotations) {
      RawAnnotation& annotation = out_->annotations.back();
      if (name == "bbox") {
        annotation.bbox = RawBox{};
        box_ = &annotation.bbox;
      }
      member_ = name == "id"            ? &annotation.id
                : name == "image_id"    ? &annotation.image_id
                : name == "category_id" ? &annotation.category_id
                : name == "area"        ? &annotation.area
                : name == "iscrowd"     ? &annotation.iscrowd
                : name == "bbox"        ? &annotation.bbox.whole
                                        : nullptr;
    } else if (section_ == Section::kImages) {
      RawImage& image = out_->images.back();
      member_ = name == "id"          ? &image.id
                : name == "file_name" ? &image.file_name
                : name == "width"     ? &image.width
                : name == "height"    ? &image.height
                : name == "source"    ? &image.source
                                      : nullptr;
    } else if (section_ == Section::kCategories) {
      RawCategory& category = out_->categories.back();
      member_ = name == "id"              ? &category.id
                : name == "name"          ? &category.name
                : name == "supercategory" ? &category.supercategory
                                          : nullptr;
    }
  }

  std::string Path() const {
    const auto element = [&](const char* name, std::size_t size) {
      return depth_ < 3 ? fmt::format("$.{}", name) : fmt::format("$.{}[{}]", name, size - 1);
    };
    if (section_ == Section::kImages) return element("images", out_->images.size());
    if (section_ == Section::kCategories) return element("categories", out_->categories.size());
    if (section_ == Section::kAnnotations) return element("annotations", out_->annotations.size());
    return "$";
  }

  std::string_view text_;
  RawCoco* out_;
  int depth_ = 0;
  Section section_ = Section::kOther;
  RawValue* member_ = nullptr;  // Where the value of the current key goes, or nowhere.
  RawBox* box_ = nullptr;       // Set while the current key is "bbox".
  bool in_box_ = false;
};

}  // namespace

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
      return fmt::format("{}", value.number);
    case Kind::kText:
      return fmt::format("the string \"{}\"", texts[static_cast<std::size_t>(value.integer)]);
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

RawCoco ParseRawCoco(std::string_view text, const std::string& file) {
  RawCoco raw;
  raw.file = file;
  Handler handler(text, &raw);
  nlohmann::json::sax_parse(text, &handler);
  return raw;
}

}  // namespace yoake::datasets
