#include "datasets/finding.h"

#include <nlohmann/json.hpp>

namespace yoake::datasets {

std::string ToString(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

std::string ToString(FindingKind kind) {
  switch (kind) {
    case FindingKind::kNotJson:
      return "not_json";
    case FindingKind::kMissingKey:
      return "missing_key";
    case FindingKind::kWrongType:
      return "wrong_type";
    case FindingKind::kDuplicateId:
      return "duplicate_id";
    case FindingKind::kDuplicateName:
      return "duplicate_name";
    case FindingKind::kUnknownImage:
      return "unknown_image";
    case FindingKind::kUnknownCategory:
      return "unknown_category";
    case FindingKind::kBoxInvalid:
      return "box_invalid";
    case FindingKind::kSizeUnknown:
      return "size_unknown";
    case FindingKind::kBoxOutside:
      return "box_outside";
    case FindingKind::kBoxZeroArea:
      return "box_zero_area";
    case FindingKind::kBoxTwoCategories:
      return "box_two_categories";
    case FindingKind::kTinyBox:
      return "tiny_box";
    case FindingKind::kDuplicateAnnotation:
      return "duplicate_annotation";
    case FindingKind::kDuplicateFileName:
      return "duplicate_file_name";
    case FindingKind::kDuplicateImage:
      return "duplicate_image";
    case FindingKind::kCategoryUnused:
      return "category_unused";
    case FindingKind::kNothingToLearn:
      return "nothing_to_learn";
    case FindingKind::kIdZero:
      return "id_zero";
    case FindingKind::kImageMissing:
      return "image_missing";
    case FindingKind::kImageUnreadable:
      return "image_unreadable";
    case FindingKind::kImageSizeMismatch:
      return "image_size_mismatch";
    case FindingKind::kImageWithoutBoxes:
      return "image_without_boxes";
    case FindingKind::kLeakage:
      return "leakage";
  }
  return "";
}

nlohmann::json ToJson(const Finding& finding) {
  nlohmann::json json = {{"kind", ToString(finding.kind)}, {"severity", ToString(finding.severity)},
                         {"file", finding.file},           {"image_id", nullptr},
                         {"annotation_id", nullptr},       {"message", finding.message}};
  if (finding.image_id) json["image_id"] = *finding.image_id;
  if (finding.annotation_id) json["annotation_id"] = *finding.annotation_id;
  return json;
}

}  // namespace yoake::datasets
