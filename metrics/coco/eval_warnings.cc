#include "metrics/coco/eval_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

namespace yoake::metrics {
namespace {

constexpr std::size_t kNamesShown = 5;

std::int64_t Number(auto id) { return static_cast<std::int64_t>(id); }

std::string Count(std::size_t count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

template <typename Names>
std::string Listed(const Names& names) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& name : names) {
    if (shown == kNamesShown) return text + fmt::format(" and {} more", names.size() - shown);
    text += (shown++ == 0 ? "" : ", ") + fmt::format("{}", name);
  }
  return text;
}

// Counts one kind of oddity and remembers the first.
struct Tally {
  std::size_t count = 0;
  std::size_t first = 0;

  void Add(std::size_t index) {
    if (count++ == 0) first = index;
  }
};

void AddTruthWarnings(const MatchInput& input, std::vector<std::string>* warnings) {
  const auto& annotations = input.truth.annotations;
  Tally flat, homeless, ignored;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const datasets::Annotation& annotation = annotations[i];
    const CellKey& key = input.truth_keys[i];
    if (key.image == kNoPosition || key.category == kNoPosition) {
      if (!input.chosen) homeless.Add(i);
      continue;
    }
    if (input.IsUncounted(i)) continue;
    if (annotation.id == datasets::AnnotationId{0} && !input.corrections.id_zero) {
      warnings->push_back(
          fmt::format("truth annotation id 0 (image {}): the reference takes 0 for \"unmatched\", so the "
                      "detection that finds this box counts as a false positive; number annotations from 1",
                      Number(annotation.image_id)));
    }
    if (annotation.ignore) ignored.Add(i);
    if (input.ShapeOfTruth(i).HasNoArea()) flat.Add(i);
  }
  const auto id = [&](const Tally& tally) { return Number(annotations[tally.first].id); };
  if (ignored.count > 0) {
    warnings->push_back(fmt::format(
        "{} marked `ignore` (first: annotation {}), which has no effect in the reference: each counts as "
        "missed unless found",
        Count(ignored.count, "truth box is", "truth boxes are"), id(ignored)));
  }
  if (flat.count > 0) {
    warnings->push_back(
        fmt::format("{} (first: annotation {}): nothing can match them, so each counts as missed",
                    Count(flat.count, "truth box has no area", "truth boxes have no area"), id(flat)));
  }
  if (homeless.count > 0) {
    warnings->push_back(
        fmt::format("{} an image or category that the file does not list (first: annotation {}): left out",
                    Count(homeless.count, "truth annotation names", "truth annotations name"), id(homeless)));
  }
}

// Whether a mask is of another size than the image it is in.
bool IsMisfit(const MatchInput& input, std::size_t detection,
              const std::map<datasets::ImageId, std::size_t>& truths) {
  const auto truth = truths.find(input.detections[detection].image_id);
  if (truth == truths.end()) return false;
  const datasets::Mask& given = input.masks->masks[detection];
  const datasets::Mask& mask = input.truth.masks[truth->second];
  return given.height != mask.height || given.width != mask.width;
}

void AddMaskWarnings(const MatchInput& input, std::vector<std::string>* warnings) {
  std::map<datasets::ImageId, std::size_t> truths;  // One annotation of each image.
  for (std::size_t i = 0; i < input.truth.annotations.size(); ++i) {
    truths.emplace(input.truth.annotations[i].image_id, i);
  }
  Tally misfits;
  for (std::size_t i = 0; i < input.detections.size(); ++i) {
    if (input.detection_keys[i].image != kNoPosition && IsMisfit(input, i, truths)) misfits.Add(i);
  }
  if (misfits.count > 0) {
    warnings->push_back(
        fmt::format("{} of another size than the truth's masks of the image (first: detection {}): nothing "
                    "can match them",
                    Count(misfits.count, "detected mask is", "detected masks are"), misfits.first));
  }
  if (input.masks->boxes_given && !input.corrections.mask_area) {
    warnings->push_back(
        "the detections give boxes beside the masks: the reference takes areas from the boxes, which shifts "
        "the figures of small, medium and large");
  }
}

void AddDetectionWarnings(const MatchInput& input, const std::vector<MatchedCategory>& matched,
                          std::vector<std::string>* warnings) {
  int flat = 0;
  std::uint32_t first_flat = kNoPosition;
  for (const MatchedCategory& category : matched) {
    flat += category.flat;
    first_flat = std::min(first_flat, category.first_flat);
  }
  Tally dropped;
  std::set<std::int64_t> unknown;
  for (std::size_t i = 0; i < input.detections.size() && !input.chosen; ++i) {
    if (input.detection_keys[i].category != kNoPosition) continue;
    dropped.Add(i);
    unknown.insert(Number(input.detections[i].category_id));
  }
  if (input.detections.empty()) {
    warnings->push_back("there are no detections: every category with truth scores 0");
  }
  if (dropped.count > 0) {
    warnings->push_back(fmt::format(
        "{} that the truth does not have (id {}): left out",
        Count(dropped.count, "detection is of a category", "detections are of categories"), Listed(unknown)));
  }
  if (flat > 0) {
    warnings->push_back(
        fmt::format("{} (first: detection {}): they match nothing and count as false positives",
                    Count(static_cast<std::size_t>(flat), "detection has no area", "detections have no area"),
                    first_flat));
  }
}

void AddCategoryWarnings(const std::vector<const datasets::Category*>& categories,
                         const std::vector<MatchedCategory>& matched, int max_detections, bool corrected,
                         std::vector<std::string>* warnings) {
  std::vector<std::string> without_truth;
  std::size_t uncounted = 0;
  std::size_t cut = 0;
  std::size_t duplicates = 0;
  std::uint32_t first_duplicate = kNoPosition;
  for (std::size_t k = 0; k < categories.size(); ++k) {
    const auto& counts = matched[k].truth_counts;
    if (std::all_of(counts.begin(), counts.end(), [](std::uint32_t count) { return count == 0; })) {
      without_truth.push_back(categories[k]->name);
      uncounted += static_cast<std::size_t>(matched[k].given);
    }
    cut += static_cast<std::size_t>(matched[k].cut);
    duplicates += static_cast<std::size_t>(matched[k].duplicates);
    first_duplicate = std::min(first_duplicate, matched[k].first_duplicate);
  }
  if (!without_truth.empty()) {
    std::string text =
        fmt::format("{} and no AP, and the means leave them out: {}",
                    Count(without_truth.size(), "category has no truth", "categories have no truth"),
                    Listed(without_truth));
    if (uncounted > 0) {
      text += "; " + Count(uncounted, "detection of them counts", "detections of them count") +
              " nowhere, not even as false positives";
    }
    warnings->push_back(text);
  }
  if (cut > 0) {
    warnings->push_back(fmt::format("{} not scored: only the best {} of each image and category are",
                                    Count(cut, "detection is", "detections are"), max_detections));
  }
  if (duplicates > 0 && !corrected) {
    warnings->push_back(fmt::format(
        "{} another in image, category, box and score (first: detection {}): each copy can only be a false "
        "positive; is a file joined twice?",
        Count(duplicates, "detection equals", "detections equal"), first_duplicate));
  }
}

}  // namespace

std::vector<std::string> EvaluationWarnings(const MatchInput& input,
                                            const std::vector<const datasets::Category*>& categories,
                                            const std::vector<MatchedCategory>& matched, int max_detections) {
  std::vector<std::string> warnings;
  AddTruthWarnings(input, &warnings);
  AddDetectionWarnings(input, matched, &warnings);
  if (input.masks != nullptr) AddMaskWarnings(input, &warnings);
  AddCategoryWarnings(categories, matched, max_detections, input.corrections.duplicates, &warnings);
  return warnings;
}

}  // namespace yoake::metrics
