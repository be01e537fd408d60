#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace yoake::datasets {

// kError: training or evaluation goes wrong. kWarning: it runs, the numbers may mean less than you think.
// kInfo: worth knowing.
enum class Severity { kInfo, kWarning, kError };

std::string ToString(Severity severity);  // "info", "warning", "error"

enum class FindingKind {
  // The reader refuses the file because of these.
  kNotJson,
  kMissingKey,
  kWrongType,
  kDuplicateId,
  kDuplicateName,  // Two categories of one name.
  kUnknownImage,
  kUnknownCategory,
  kBoxInvalid,  // Not four finite numbers, or of negative size.
  kSizeUnknown,
  // It reads, but look at it.
  kBoxOutside,
  kBoxZeroArea,
  kBoxTwoCategories,
  kTinyBox,
  kDuplicateAnnotation,
  kDuplicateFileName,
  kDuplicateImage,
  kCategoryUnused,
  kNothingToLearn,
  kIdZero,
  kImageMissing,
  kImageUnreadable,
  kImageSizeMismatch,
  kImageWithoutBoxes,
  kLeakage,
};

std::string ToString(FindingKind kind);  // "box_outside", "id_zero", ...

// One defect of a dataset, with everything needed to go and mend it.
struct Finding {
  FindingKind kind{};
  Severity severity = Severity::kError;
  std::string file;  // Annotation file.
  std::optional<std::int64_t> image_id;
  std::optional<std::int64_t> annotation_id;
  std::string message;  // Names the JSON position where there is one.
};

nlohmann::json ToJson(const Finding& finding);

}  // namespace yoake::datasets
