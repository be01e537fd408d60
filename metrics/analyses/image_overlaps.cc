#include "metrics/analyses/image_overlaps.h"

#include <algorithm>

#include "metrics/matching/iou.h"

namespace yoake::metrics {
namespace {

// Groups by image alone, which keeps file order inside: the image takes the category's place.
CellGroups ByImage(const std::vector<CellKey>& keys, std::size_t images) {
  std::vector<CellKey> by_image(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].category != kNoPosition) by_image[i] = {keys[i].image, 0};
  }
  return CellGroups(by_image, images, 1);
}

}  // namespace

ImageOverlaps::ImageOverlaps(const EvaluationSet& set, double lowest_iou, int max_detections)
    : set_(set),
      lowest_iou_(lowest_iou),
      truths_(ByImage(set.input().truth_keys, set.images().size())),
      begin_(set.images().size() + 1, 0) {
  OrderDetections(ByImage(set.input().detection_keys, set.images().size()), max_detections);
  FindOverlaps();
}

std::uint32_t ImageOverlaps::Category(std::size_t detection) const {
  return set_.input().detection_keys[order_[detection]].category;
}

double ImageOverlaps::Score(std::size_t detection) const {
  return set_.input().detections[order_[detection]].score;
}

// Of equal scores, so a copy follows its original closely.
bool ImageOverlaps::IsCopy(std::uint32_t index, std::size_t first) const {
  const MatchInput& input = set_.input();
  const Detection& detection = input.detections[index];
  for (std::size_t i = order_.size(); i-- > first;) {
    const std::uint32_t other = order_[i];
    if (input.detections[other].score != detection.score) return false;
    if (input.detection_keys[other].category != input.detection_keys[index].category) continue;
    if (input.detections[other].box != detection.box) continue;
    if (input.masks == nullptr) return true;
    if (input.ShapeOfDetection(other).mask->runs == input.ShapeOfDetection(index).mask->runs) return true;
  }
  return false;
}

void ImageOverlaps::OrderDetections(const CellGroups& by_image, int max_detections) {
  const std::vector<Detection>& all = set_.input().detections;
  std::vector<std::uint32_t> cell;
  std::vector<int> taken(set_.categories().size(), 0);
  for (std::size_t image = 0; image < images(); ++image) {
    const auto given = by_image.Category(image);
    cell.assign(given.begin(), given.end());
    std::stable_sort(cell.begin(), cell.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return all[a].score > all[b].score; });
    std::fill(taken.begin(), taken.end(), 0);
    for (const std::uint32_t index : cell) {
      int& of_category = taken[set_.input().detection_keys[index].category];
      if (of_category == max_detections) continue;
      if (set_.input().corrections.duplicates && IsCopy(index, begin_[image])) continue;
      ++of_category;
      order_.push_back(index);
    }
    begin_[image + 1] = order_.size();
  }
}

void ImageOverlaps::FindOverlaps() {
  std::vector<TruthShape> shapes;
  std::vector<double> ious;
  first_overlap_.push_back(0);
  for (std::size_t image = 0; image < images(); ++image) {
    const auto truths = Truths(image);
    shapes.clear();
    for (const std::uint32_t truth : truths) {
      shapes.push_back(set_.input().ShapeOfTruth(truth));
    }
    ious.resize(shapes.size());
    for (std::size_t d = FirstDetection(image); d < LastDetection(image); ++d) {
      Overlaps(set_.input().ShapeOfDetection(order_[d]), shapes, ious.data());
      for (std::size_t g = 0; g < ious.size(); ++g) {
        if (ious[g] >= lowest_iou_) overlaps_.push_back({truths[g], ious[g]});
      }
      first_overlap_.push_back(overlaps_.size());
    }
  }
}

}  // namespace yoake::metrics
