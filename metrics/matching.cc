#include "metrics/matching.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "metrics/iou.h"

namespace yoake::metrics {
namespace {

using Mask = std::uint64_t;

// A truth that overlaps a detection enough for at least one threshold.
struct Candidate {
  double iou = 0;
  std::size_t truth = 0;
};

// The items at the front of `items` that belong to `image`; they are taken off.
std::span<const std::uint32_t> TakeImage(std::span<const std::uint32_t>* items,
                                         const std::vector<CellKey>& keys, std::uint32_t image) {
  std::size_t count = 0;
  while (count < items->size() && keys[(*items)[count]].image == image) ++count;
  const auto taken = items->first(count);
  *items = items->subspan(count);
  return taken;
}

bool SameDetection(const Detection& a, const Detection& b) { return a.score == b.score && a.box == b.box; }

}  // namespace

std::vector<AreaRange> CocoAreas() {
  return {{0, 1e10}, {0, 32.0 * 32.0}, {32.0 * 32.0, 96.0 * 96.0}, {96.0 * 96.0, 1e10}};
}

class CategoryMatcher::Impl {
 public:
  Impl(const MatchInput& input, const MatchGrid& grid) : input_(input), grid_(grid) {
    Mask mask = 0;
    reached_.push_back(mask);
    for (int t = 0; t < grid.thresholds(); ++t) {
      for (std::size_t a = 0; a < grid.areas.size(); ++a) mask |= Mask{1} << grid.bit(static_cast<int>(a), t);
      reached_.push_back(mask);
      thresholds_.push_back(std::min(grid.iou_thresholds[t], 1 - 1e-10));
    }
    all_ = mask;
  }

  MatchedCategory Match(std::size_t category) {
    auto truth = input_.truth_groups.Category(category);
    auto detections = input_.detection_groups.Category(category);
    MatchedCategory matched;
    matched.given = static_cast<int>(detections.size());
    matched.detections.reserve(detections.size());
    while (!truth.empty() || !detections.empty()) {
      const std::uint32_t image =
          std::min(truth.empty() ? kNoPosition : input_.truth_keys[truth[0]].image,
                   detections.empty() ? kNoPosition : input_.detection_keys[detections[0]].image);
      LoadTruth(TakeImage(&truth, input_.truth_keys, image), image, &matched);
      LoadDetections(TakeImage(&detections, input_.detection_keys, image), &matched);
      for (std::size_t rank = 0; rank < order_.size(); ++rank) {
        MatchedDetection result = MatchOne(input_.detections[order_[rank]]);
        result.image = image;
        result.rank = static_cast<std::uint32_t>(rank);
        matched.detections.push_back(result);
      }
    }
    std::stable_sort(matched.detections.begin(), matched.detections.end(),
                     [](const MatchedDetection& a, const MatchedDetection& b) { return a.score > b.score; });
    return matched;
  }

 private:
  // The pairs whose area range leaves `area` out.
  Mask Outside(double area) const {
    Mask outside = 0;
    for (std::size_t a = 0; a < grid_.areas.size(); ++a) {
      if (!(area < grid_.areas[a].low || area > grid_.areas[a].high)) continue;
      for (int t = 0; t < grid_.thresholds(); ++t) outside |= Mask{1} << grid_.bit(static_cast<int>(a), t);
    }
    return outside;
  }

  // The pairs whose threshold `iou` reaches.
  Mask Reached(double iou) const {
    std::size_t count = 0;
    while (count < thresholds_.size() && iou >= thresholds_[count]) ++count;
    return reached_[count];
  }

  void LoadTruth(std::span<const std::uint32_t> cell, std::uint32_t image, MatchedCategory* matched) {
    shapes_.clear();
    ignored_.clear();
    uncounted_.clear();
    if (cell.empty()) return;
    const std::size_t areas = grid_.areas.size();
    matched->truth_images.push_back(image);
    matched->truth_counts.resize(matched->truth_counts.size() + areas, 0);
    std::uint32_t* counts = &matched->truth_counts[matched->truth_counts.size() - areas];
    for (const std::uint32_t index : cell) {
      const datasets::Annotation& annotation = input_.truth.annotations[index];
      shapes_.push_back({annotation.box, annotation.crowd});
      // An `ignore` key of the file has no effect: cocoeval.py overwrites it with iscrowd.
      ignored_.push_back(annotation.crowd ? all_ : Outside(annotation.area));
      // dtMatches stores the truth's id and takes 0 for "unmatched": who finds annotation 0 is a false
      // positive.
      uncounted_.push_back(annotation.id == datasets::AnnotationId{0});
      for (std::size_t a = 0; a < areas; ++a) {
        counts[a] += (ignored_.back() >> grid_.bit(static_cast<int>(a), 0) & 1) == 0;
      }
    }
    taken_.assign(cell.size(), 0);
    ious_.resize(cell.size());
  }

  // Fills order_: by falling score, ties in file order (numpy's mergesort on -score), cut.
  void LoadDetections(std::span<const std::uint32_t> cell, MatchedCategory* matched) {
    order_.assign(cell.begin(), cell.end());
    if (order_.size() < 2) return;
    const std::vector<Detection>& all = input_.detections;
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return all[a].score > all[b].score; });
    if (order_.size() > static_cast<std::size_t>(grid_.max_detections)) {
      matched->cut += static_cast<int>(order_.size()) - grid_.max_detections;
      order_.resize(static_cast<std::size_t>(grid_.max_detections));
    }
    for (std::size_t i = 1; i < order_.size(); ++i) {
      for (std::size_t j = i; j-- > 0 && all[order_[j]].score == all[order_[i]].score;) {
        if (!SameDetection(all[order_[i]], all[order_[j]])) continue;
        ++matched->duplicates;
        matched->first_duplicate = std::min(matched->first_duplicate, order_[i]);
        break;
      }
    }
  }

  // cocoeval.py, evaluateImg, for all pairs at once. There, in each pair, a detection takes the free truth of
  // largest overlap that reaches the threshold, the later one among equals, and ignored truth only when no
  // other fits; a crowd is never used up. So: walk the candidates from the best down and hand each the pairs
  // that are still open, first where it counts, then where it is ignored.
  MatchedDetection MatchOne(const Detection& detection) {
    FindCandidates(detection.box);
    Mask open = all_;
    Mask true_positive = 0;
    Mask ignored = 0;
    for (const auto& [iou, g] : candidates_) {
      const Mask won = open & Reached(iou) & ~taken_[g] & ~ignored_[g];
      taken_[g] |= won;
      open &= ~won;
      if (!uncounted_[g]) true_positive |= won;
    }
    for (const auto& [iou, g] : candidates_) {
      const Mask won = open & Reached(iou) & ignored_[g] & (shapes_[g].crowd ? all_ : ~taken_[g]);
      taken_[g] |= won;
      open &= ~won;
      ignored |= won;
    }
    ignored |= Outside(detection.box.area()) & ~true_positive;
    MatchedDetection result;
    result.score = detection.score;
    result.true_positive = true_positive;
    result.ignored = ignored;
    return result;
  }

  void FindCandidates(const Box& box) {
    candidates_.clear();
    if (shapes_.empty()) return;
    BoxOverlaps(box, shapes_, ious_.data());
    for (std::size_t g = 0; g < shapes_.size(); ++g) {
      if (ious_[g] >= thresholds_.front()) candidates_.push_back({ious_[g], g});
    }
    if (candidates_.size() < 2) return;
    std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
      return a.iou != b.iou ? a.iou > b.iou : a.truth > b.truth;
    });
  }

  const MatchInput& input_;
  const MatchGrid& grid_;
  Mask all_ = 0;
  std::vector<double> thresholds_;
  std::vector<Mask> reached_;  // [n]: the pairs of the n lowest thresholds.

  // The cell at hand: truth in file order, detections by falling score.
  std::vector<TruthShape> shapes_;
  std::vector<Mask> ignored_;  // Pairs in which a truth is ignored.
  std::vector<Mask> taken_;    // Pairs in which it is matched already.
  std::vector<char> uncounted_;
  std::vector<double> ious_;
  std::vector<Candidate> candidates_;
  std::vector<std::uint32_t> order_;
};

CategoryMatcher::CategoryMatcher(const MatchInput& input, const MatchGrid& grid)
    : impl_(std::make_unique<Impl>(input, grid)) {}

CategoryMatcher::~CategoryMatcher() = default;

MatchedCategory CategoryMatcher::Match(std::size_t category) { return impl_->Match(category); }

}  // namespace yoake::metrics
