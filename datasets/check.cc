#include "datasets/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/coco.h"
#include "datasets/coco_raw.h"
#include "datasets/image_file.h"
#include "datasets/sha256.h"

namespace yoake::datasets {
namespace {

std::int64_t SignedId(auto id) { return static_cast<std::int64_t>(id); }

std::string Shape(const Box& box) { return fmt::format("[{}, {}, {}, {}]", box.x, box.y, box.w, box.h); }

// One file's way through all checks.
class FileCheck {
 public:
  FileCheck(const std::filesystem::path& file, const CheckOptions& options, std::vector<Finding>* findings)
      : file_(file.string()), options_(options), findings_(findings) {}

  void Run() {
    if (!Parse()) return;
    CheckBoxes();
    CheckDuplicateAnnotations();
    CheckUse();
    CheckFileNames();
    CheckImages();
  }

  const std::string& file() const { return file_; }
  const Dataset& dataset() const { return dataset_; }
  // SHA-256 of the image's bytes; empty when it was not read.
  const std::string& hash(std::size_t image) const { return hashes_[image]; }

 private:
  void Report(FindingKind kind, Severity severity, std::string message, const Image* image = nullptr,
              const Annotation* annotation = nullptr) {
    Finding finding{kind, severity, file_, std::nullopt, std::nullopt, std::move(message)};
    if (image != nullptr) finding.image_id = SignedId(image->id);
    if (annotation != nullptr) {
      finding.image_id = SignedId(annotation->image_id);
      finding.annotation_id = SignedId(annotation->id);
    }
    findings_->push_back(std::move(finding));
  }

  bool Parse() {
    try {
      const RawCoco raw = ParseRawCoco(TextFile::Open(file_));
      dataset_ = AssembleCoco(raw, options_.image_folder,
                              [this](const Finding& problem) { findings_->push_back(problem); });
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kIo) throw;
      Report(FindingKind::kNotJson, Severity::kError, error.message());
      return false;
    }
    hashes_.resize(dataset_.images.size());
    for (const Image& image : dataset_.images) images_.emplace(image.id, &image);
    for (const Category& category : dataset_.categories) names_.emplace(category.id, category.name);
    return true;
  }

  void CheckBoxes() {
    for (const Annotation& annotation : dataset_.annotations) {
      const auto image = images_.find(annotation.image_id);
      if (SignedId(annotation.id) == 0) {
        Report(FindingKind::kIdZero, Severity::kWarning,
               "the annotation's id is 0: pycocotools takes it for 'not matched' and counts its detection as "
               "false; number annotations from 1",
               nullptr, &annotation);
      }
      // The image itself was refused: nothing to compare with.
      if (image == images_.end()) continue;
      CheckBox(annotation, *image->second);
    }
  }

  void CheckBox(const Annotation& annotation, const Image& image) {
    const Box& box = annotation.box;
    if (box.w == 0 || box.h == 0) {
      Report(FindingKind::kBoxZeroArea, Severity::kError,
             fmt::format("the box {} has no area: nothing can be found there; remove it", Shape(box)),
             nullptr, &annotation);
      return;
    }
    const double over = std::max({-box.x, -box.y, box.right() - image.width, box.bottom() - image.height});
    if (over > 1e-6) {
      const bool error = over > options_.outside_tolerance_px;
      Report(FindingKind::kBoxOutside, error ? Severity::kError : Severity::kWarning,
             fmt::format("the box {} reaches {:.6g} px out of the image of {} x {}; clip it", Shape(box),
                         over, image.width, image.height),
             nullptr, &annotation);
    }
    if (box.area() < options_.tiny_area_px && !annotation.crowd) {
      Report(FindingKind::kTinyBox, Severity::kWarning,
             fmt::format("the box {} covers {:.6g} square pixels only", Shape(box), box.area()), nullptr,
             &annotation);
    }
  }

  void CheckDuplicateAnnotations() {
    using Place = std::tuple<ImageId, double, double, double, double>;
    std::map<Place, std::vector<const Annotation*>> seen;
    for (const Annotation& annotation : dataset_.annotations) {
      if (annotation.crowd) continue;
      const Box& box = annotation.box;
      auto& here = seen[{annotation.image_id, box.x, box.y, box.w, box.h}];
      const auto same = std::find_if(here.begin(), here.end(), [&](const Annotation* other) {
        return other->category_id == annotation.category_id;
      });
      if (same != here.end()) {
        Report(FindingKind::kDuplicateAnnotation, Severity::kError,
               fmt::format("the same box {} of '{}' as annotation {}: one of the two can never be found",
                           Shape(box), names_[annotation.category_id], SignedId((*same)->id)),
               nullptr, &annotation);
      } else if (!here.empty()) {
        Report(FindingKind::kBoxTwoCategories, Severity::kWarning,
               fmt::format("the box {} is '{}' here and '{}' in annotation {}", Shape(box),
                           names_[annotation.category_id], names_[here.front()->category_id],
                           SignedId(here.front()->id)),
               nullptr, &annotation);
      }
      here.push_back(&annotation);
    }
  }

  void CheckUse() {
    std::set<CategoryId> used;
    std::set<ImageId> with_boxes;
    for (const Annotation& annotation : dataset_.annotations) {
      if (annotation.crowd) continue;
      used.insert(annotation.category_id);
      with_boxes.insert(annotation.image_id);
    }
    if (with_boxes.empty()) {
      Report(FindingKind::kNothingToLearn, Severity::kError,
             fmt::format("no boxes that could be used, in {} images of {} categories", dataset_.images.size(),
                         dataset_.categories.size()));
    }
    for (const Category& category : dataset_.categories) {
      if (used.contains(category.id)) continue;
      Report(FindingKind::kCategoryUnused, Severity::kWarning,
             fmt::format("the category '{}' (id {}) has no boxes: its AP is undefined", category.name,
                         SignedId(category.id)));
    }
    for (const Image& image : dataset_.images) {
      if (with_boxes.contains(image.id)) continue;
      Report(FindingKind::kImageWithoutBoxes, Severity::kInfo,
             fmt::format("{} has no boxes: it is background", image.file_name), &image);
    }
  }

  void CheckFileNames() {
    std::map<std::string, const Image*> seen;
    for (const Image& image : dataset_.images) {
      const auto [first, unseen] = seen.emplace(image.file_name, &image);
      if (unseen) continue;
      Report(FindingKind::kDuplicateFileName, Severity::kError,
             fmt::format("{} is also the file of image {}: its boxes are spread over two images",
                         image.file_name, SignedId(first->second->id)),
             &image);
    }
  }

  void CheckImages() {
    std::vector<const Image*> missing;
    std::map<std::string, const Image*> seen;
    for (std::size_t i = 0; i < dataset_.images.size(); ++i) {
      const Image& image = dataset_.images[i];
      std::error_code ignored;
      if (!std::filesystem::is_regular_file(image.path, ignored)) {
        missing.push_back(&image);
      } else if (options_.read_images) {
        ReadImage(i, &seen);
      }
    }
    ReportMissing(missing);
  }

  void ReadImage(std::size_t index, std::map<std::string, const Image*>* seen) {
    const Image& image = dataset_.images[index];
    std::string bytes;
    try {
      bytes = ReadFile(image.path);
    } catch (const Error& error) {
      Report(FindingKind::kImageUnreadable, Severity::kError, error.what(), &image);
      return;
    }
    const auto size = DecodedSize(bytes);
    if (!size) {
      Report(FindingKind::kImageUnreadable, Severity::kError,
             fmt::format("{} is no image that can be decoded, or it breaks off", image.path.string()),
             &image);
      return;
    }
    if (*size != ImageSize{image.width, image.height}) {
      Report(FindingKind::kImageSizeMismatch, Severity::kError,
             fmt::format("{} is {} x {}, the annotations say {} x {}: the boxes lie elsewhere",
                         image.path.string(), size->width, size->height, image.width, image.height),
             &image);
    }
    hashes_[index] = Sha256Hex(bytes);
    const auto [first, unseen] = seen->emplace(hashes_[index], &image);
    if (!unseen && first->second->file_name != image.file_name) {
      Report(FindingKind::kDuplicateImage, Severity::kWarning,
             fmt::format("{} has the same bytes as {} (image {})", image.file_name, first->second->file_name,
                         SignedId(first->second->id)),
             &image);
    }
  }

  void ReportMissing(const std::vector<const Image*>& missing) {
    if (missing.size() > 1 && missing.size() == dataset_.images.size()) {
      const bool asked = !options_.image_folder.empty();
      Report(FindingKind::kImageMissing, asked ? Severity::kError : Severity::kWarning,
             fmt::format("none of the {} images was found, the first is looked for at {}; {}", missing.size(),
                         missing.front()->path.string(),
                         asked ? "name another image folder" : "name their folder to have them checked too"));
      return;
    }
    for (const Image* image : missing) {
      Report(FindingKind::kImageMissing, Severity::kError,
             fmt::format("the image file {} is not there", image->path.string()), image);
    }
  }

  std::string file_;
  const CheckOptions& options_;
  std::vector<Finding>* findings_;
  Dataset dataset_;
  std::vector<std::string> hashes_;  // One an image.
  std::map<ImageId, const Image*> images_;
  std::map<CategoryId, std::string> names_;
};

// Where an image was seen first, in an earlier file.
struct Seen {
  const FileCheck* check;
  std::size_t image;
};

void CheckLeakage(const std::vector<FileCheck>& checks, std::vector<Finding>* findings) {
  std::map<std::string, Seen> by_name;
  std::map<std::string, Seen> by_hash;
  for (const FileCheck& check : checks) {
    for (std::size_t i = 0; i < check.dataset().images.size(); ++i) {
      const Image& image = check.dataset().images[i];
      const auto earlier = [&](const std::map<std::string, Seen>& map,
                               const std::string& key) -> const Seen* {
        const auto found = key.empty() ? map.end() : map.find(key);
        return found == map.end() || found->second.check == &check ? nullptr : &found->second;
      };
      const Seen* same_name = earlier(by_name, image.file_name);
      const Seen* same_bytes = earlier(by_hash, check.hash(i));
      const Seen* seen = same_bytes != nullptr ? same_bytes : same_name;
      if (seen != nullptr) {
        const Image& other = seen->check->dataset().images[seen->image];
        const bool other_bytes =
            same_bytes == nullptr && !check.hash(i).empty() && !seen->check->hash(seen->image).empty();
        findings->push_back(
            {FindingKind::kLeakage, other_bytes ? Severity::kWarning : Severity::kError, check.file(),
             SignedId(image.id), std::nullopt,
             fmt::format("{} stands in {} too (image {}, {}): {}", image.file_name, seen->check->file(),
                         SignedId(other.id),
                         same_bytes != nullptr ? "the same bytes"
                         : other_bytes         ? "the same name, other bytes"
                                               : "the same name",
                         other_bytes ? "is it the same scene?" : "scores on one of them would flatter")});
      }
      by_name.emplace(image.file_name, Seen{&check, i});
      if (!check.hash(i).empty()) by_hash.emplace(check.hash(i), Seen{&check, i});
    }
  }
}

}  // namespace

void CheckOptions::Validate() const {
  if (!(tiny_area_px >= 0)) throw Error(ErrorKind::kConfig, "tiny_area_px must be at least 0");
  if (!(outside_tolerance_px >= 0))
    throw Error(ErrorKind::kConfig, "outside_tolerance_px must be at least 0");
}

std::int64_t CheckReport::Count(Severity severity) const {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.severity == severity; });
}

CheckReport CheckDatasets(const std::vector<std::filesystem::path>& files, const CheckOptions& options) {
  options.Validate();
  CheckReport report;
  std::vector<FileCheck> checks;
  checks.reserve(files.size());
  for (const auto& file : files) checks.emplace_back(file, options, &report.findings).Run();
  CheckLeakage(checks, &report.findings);
  return report;
}

nlohmann::json ToJson(const CheckReport& report) {
  nlohmann::json json = {{"errors", report.Count(Severity::kError)},
                         {"warnings", report.Count(Severity::kWarning)},
                         {"infos", report.Count(Severity::kInfo)},
                         {"findings", nlohmann::json::array()}};
  for (const Finding& finding : report.findings) json["findings"].push_back(ToJson(finding));
  return json;
}

std::string ToText(const CheckReport& report, std::size_t per_kind) {
  using Group = std::tuple<std::string, int, FindingKind>;  // File, gravest first, kind.
  std::map<Group, std::vector<const Finding*>> groups;
  for (const Finding& finding : report.findings) {
    groups[{finding.file, -static_cast<int>(finding.severity), finding.kind}].push_back(&finding);
  }
  std::string text;
  std::string file;
  for (const auto& [group, findings] : groups) {
    if (std::get<0>(group) != file) {
      file = std::get<0>(group);
      text += file + "\n";
    }
    text += fmt::format("  {:<8} {:<22} {:>6}\n", ToString(findings.front()->severity),
                        ToString(std::get<2>(group)), findings.size());
    for (std::size_t i = 0; i < std::min(per_kind, findings.size()); ++i) {
      const Finding& finding = *findings[i];
      text += "      ";
      if (finding.image_id) text += fmt::format("image {} ", *finding.image_id);
      if (finding.annotation_id) text += fmt::format("annotation {} ", *finding.annotation_id);
      text += (finding.image_id || finding.annotation_id ? "- " : "") + finding.message + "\n";
    }
    if (findings.size() > per_kind) text += fmt::format("      and {} more\n", findings.size() - per_kind);
  }
  return text + fmt::format("{} errors, {} warnings, {} notes\n", report.Count(Severity::kError),
                            report.Count(Severity::kWarning), report.Count(Severity::kInfo));
}

}  // namespace yoake::datasets
