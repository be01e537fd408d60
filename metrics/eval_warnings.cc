#include "metrics/eval_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
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

bool HasNoArea(const Box& box) { return !(box.w > 0 && box.h > 0); }

void AddTruthWarnings(const MatchInput& input, std::vector<std::string>* warnings) {
  std::size_t flat = 0;
  std::size_t homeless = 0;
  const datasets::Annotation* first_flat = nullptr;
  const datasets::Annotation* first_homeless = nullptr;
  for (std::size_t i = 0; i < input.truth.annotations.size(); ++i) {
    const datasets::Annotation& annotation = input.truth.annotations[i];
    const CellKey& key = input.truth_keys[i];
    if (key.image == kNoPosition || key.category == kNoPosition) {
      if (homeless++ == 0) first_homeless = &annotation;
      continue;
    }
    if (annotation.id == datasets::AnnotationId{0} && !annotation.crowd) {
      warnings->push_back(
          fmt::format("truth annotation id 0 (image {}): the reference takes 0 for \"unmatched\", so the "
                      "detection that finds this box counts as a false positive; number annotations from 1",
                      Number(annotation.image_id)));
    }
    if (!annotation.crowd && HasNoArea(annotation.box) && flat++ == 0) first_flat = &annotation;
  }
  if (flat > 0) {
    warnings->push_back(fmt::format(
        "{} (first: annotation {}): nothing can match them, so each counts as missed",
        Count(flat, "truth box has no area", "truth boxes have no area"), Number(first_flat->id)));
  }
  if (homeless > 0) {
    warnings->push_back(fmt::format(
        "{} an image or category that the file does not list (first: annotation {}): left out",
        Count(homeless, "truth annotation names", "truth annotations name"), Number(first_homeless->id)));
  }
}

void AddDetectionWarnings(const MatchInput& input, std::vector<std::string>* warnings) {
  std::size_t flat = 0;
  std::size_t first_flat = 0;
  std::size_t dropped = 0;
  std::set<std::int64_t> unknown;
  for (std::size_t i = 0; i < input.detections.size(); ++i) {
    if (input.detection_keys[i].category == kNoPosition) {
      ++dropped;
      unknown.insert(Number(input.detections[i].category_id));
    } else if (HasNoArea(input.detections[i].box) && flat++ == 0) {
      first_flat = i;
    }
  }
  if (input.detections.empty()) {
    warnings->push_back("there are no detections: every category with truth scores 0");
  }
  if (dropped > 0) {
    warnings->push_back(fmt::format(
        "{} that the truth does not have (id {}): left out",
        Count(dropped, "detection is of a category", "detections are of categories"), Listed(unknown)));
  }
  if (flat > 0) {
    warnings->push_back(
        fmt::format("{} (first: detection {}): they match nothing and count as false positives",
                    Count(flat, "detection has no area", "detections have no area"), first_flat));
  }
}

void AddCategoryWarnings(const std::vector<const datasets::Category*>& categories,
                         const std::vector<MatchedCategory>& matched, int max_detections,
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
  if (duplicates > 0) {
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
  AddDetectionWarnings(input, &warnings);
  AddCategoryWarnings(categories, matched, max_detections, &warnings);
  return warnings;
}

}  // namespace yoake::metrics
