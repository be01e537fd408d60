#include "metrics/matching/matching.h"

#include <algorithm>
#include <compare>
#include <span>
#include <tuple>
#include <utility>

#include "metrics/matching/iou.h"
#include "metrics/matching/score_order.h"

namespace yoake::metrics {
namespace {

using Mask = std::uint64_t;

// A truth that overlaps a detection enough for at least one threshold.
struct Candidate {
  double iou = 0;
  std::size_t truth = 0;
};

// The detections of one image, and the truth they meet: [truth_begin, truth_end) of what is loaded.
struct Cell {
  std::uint32_t image = 0;
  std::uint32_t truth_begin = 0;
  std::uint32_t truth_end = 0;
  std::uint32_t seen = 0;  // Detections so far.
};

// A detection at hand, gathered so that what follows need not look far: one line of the cache.
struct Item {
  Shape shape;
  double area = 0;
  double score = 0;
  std::uint32_t index = 0;  // In the detections given.
  std::uint32_t cell = 0;
};

// A category's detections lie all over the list of all: waiting for one after the other would take longer
// than matching them.
constexpr std::size_t kAhead = 16;

void Prefetch(const Detection* detection) {
#ifdef __GNUC__
  __builtin_prefetch(detection);
#else
  static_cast<void>(detection);
#endif
}

// Items of one category and what they are, in the order of images.
struct GroupPart {
  std::span<const std::uint32_t> items;
  std::span<const std::uint32_t> images;  // Of each.
};

GroupPart InRange(const CellGroups& groups, std::size_t category, ImageRange range) {
  const auto images = groups.Images(category);
  const auto begin = std::lower_bound(images.begin(), images.end(), range.begin) - images.begin();
  const auto end = std::lower_bound(images.begin(), images.end(), range.end) - images.begin();
  const auto first = static_cast<std::size_t>(begin), count = static_cast<std::size_t>(end - begin);
  return {groups.Category(category).subspan(first, count), images.subspan(first, count)};
}

auto Corners(const Box& box) { return std::tie(box.x, box.y, box.w, box.h); }

// Adds what was matched on later images. Ties in score stay in the order of images.
void Append(const MatchedCategory& later, MatchedCategory* matched) {
  std::vector<MatchedDetection> merged(matched->detections.size() + later.detections.size());
  std::merge(matched->detections.begin(), matched->detections.end(), later.detections.begin(),
             later.detections.end(), merged.begin(),
             [](const MatchedDetection& a, const MatchedDetection& b) { return a.score > b.score; });
  matched->detections = std::move(merged);
  const auto append = [](const std::vector<std::uint32_t>& from, std::vector<std::uint32_t>* to) {
    to->insert(to->end(), from.begin(), from.end());
  };
  append(later.truth_images, &matched->truth_images);
  append(later.truth_counts, &matched->truth_counts);
  matched->given += later.given;
  matched->cut += later.cut;
  matched->duplicates += later.duplicates;
  matched->first_duplicate = std::min(matched->first_duplicate, later.first_duplicate);
  matched->flat += later.flat;
  matched->first_flat = std::min(matched->first_flat, later.first_flat);
}

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
    const Mask every = ~Mask{0} >> (64 - grid.thresholds());
    for (std::size_t a = 0; a < grid.areas.size(); ++a) {
      of_area_.push_back(every << grid.bit(static_cast<int>(a), 0));
    }
  }

  MatchedCategory Match(std::size_t category, ImageRange range) {
    MatchedCategory matched;
    LoadTruth(InRange(input_.truth_groups, category, range), &matched);
    LoadDetections(InRange(input_.detection_groups, category, range), &matched);
    // One stable order by score for the category: within each image it is the order in which the reference
    // matches, and images do not touch each other's truth.
    SortByKey(&order_, &scratch_);
    FindDuplicates();
    matched.detections.reserve(order_.size());
    for (const ScoredItem& scored : order_) Take(items_[scored.item], duplicate_[scored.item], &matched);
    return matched;
  }

 private:
  // The pairs whose area range leaves `area` out.
  Mask Outside(double area) const {
    Mask outside = 0;
    for (std::size_t a = 0; a < grid_.areas.size(); ++a) {
      if (area < grid_.areas[a].low || area > grid_.areas[a].high) outside |= of_area_[a];
    }
    return outside;
  }

  // The pairs whose threshold `iou` reaches.
  Mask Reached(double iou) const {
    std::size_t count = 0;
    while (count < thresholds_.size() && iou >= thresholds_[count]) ++count;
    return reached_[count];
  }

  void LoadTruth(const GroupPart& truth, MatchedCategory* matched) {
    const std::size_t areas = grid_.areas.size();
    shapes_.clear();
    ignored_.clear();
    unmatchable_.clear();
    truth_begin_.clear();
    for (std::size_t i = 0; i < truth.items.size(); ++i) {
      const std::uint32_t index = truth.items[i], image = truth.images[i];
      if (matched->truth_images.empty() || matched->truth_images.back() != image) {
        matched->truth_images.push_back(image);
        matched->truth_counts.resize(matched->truth_counts.size() + areas, 0);
        truth_begin_.push_back(static_cast<std::uint32_t>(shapes_.size()));
      }
      const datasets::Annotation& annotation = input_.truth.annotations[index];
      shapes_.push_back(input_.ShapeOfTruth(index));
      ignored_.push_back(input_.IsUncounted(index) ? all_ : Outside(annotation.area));
      unmatchable_.push_back(annotation.id == datasets::AnnotationId{0} && !input_.corrections.id_zero);
      std::uint32_t* counts = &matched->truth_counts[matched->truth_counts.size() - areas];
      for (std::size_t a = 0; a < areas; ++a) counts[a] += (ignored_.back() & of_area_[a]) == 0;
    }
    truth_begin_.push_back(static_cast<std::uint32_t>(shapes_.size()));
    taken_.assign(shapes_.size(), 0);
  }

  void LoadDetections(const GroupPart& detections, MatchedCategory* matched) {
    const std::vector<std::uint32_t>& truth_images = matched->truth_images;
    const std::size_t count = detections.items.size();
    matched->given = static_cast<int>(count);
    cells_.clear();
    items_.resize(count);
    order_.resize(count);
    std::size_t t = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i + kAhead < count) Prefetch(&input_.detections[detections.items[i + kAhead]]);
      const std::uint32_t index = detections.items[i], image = detections.images[i];
      if (cells_.empty() || cells_.back().image != image) {
        while (t < truth_images.size() && truth_images[t] < image) ++t;
        const bool has_truth = t < truth_images.size() && truth_images[t] == image;
        cells_.push_back({image, truth_begin_[t], truth_begin_[has_truth ? t + 1 : t]});
      }
      const Detection& detection = input_.detections[index];
      const bool boxes = input_.masks == nullptr;
      items_[i] = {boxes ? Shape{detection.box} : input_.ShapeOfDetection(index),
                   boxes ? detection.box.area() : input_.AreaOfDetection(index), detection.score, index,
                   static_cast<std::uint32_t>(cells_.size() - 1)};
      order_[i] = {FallingKey(items_[i].score), static_cast<std::uint32_t>(i)};
      if (!items_[i].shape.HasNoArea()) continue;
      ++matched->flat;
      matched->first_flat = std::min(matched->first_flat, index);
    }
  }

  // Marks each detection that equals an earlier one. Equal ones have one score and cell, so they lie within a
  // run of the order.
  void FindDuplicates() {
    duplicate_.assign(order_.size(), 0);
    std::size_t begin = 0;
    for (std::size_t end = 1; end <= order_.size(); ++end) {
      if (end < order_.size() && order_[end].key == order_[begin].key &&
          items_[order_[end].item].cell == items_[order_[begin].item].cell) {
        continue;
      }
      if (end - begin > 1) MarkDuplicates(std::span(order_).subspan(begin, end - begin));
      begin = end;
    }
  }

  void MarkDuplicates(std::span<const ScoredItem> run) {
    std::vector<std::uint32_t> equals;
    for (const ScoredItem& scored : run) equals.push_back(scored.item);
    std::sort(equals.begin(), equals.end(), [&](std::uint32_t a, std::uint32_t b) {
      const int order = Compare(a, b);
      return order != 0 ? order < 0 : a < b;
    });
    for (std::size_t i = 1; i < equals.size(); ++i) {
      duplicate_[equals[i]] = Compare(equals[i - 1], equals[i]) == 0;
    }
  }

  // By box as given, then by mask: negative, 0 or positive.
  int Compare(std::uint32_t a, std::uint32_t b) const {
    const auto boxes =
        Corners(input_.detections[items_[a].index].box) <=> Corners(input_.detections[items_[b].index].box);
    if (boxes != 0 || input_.masks == nullptr) return boxes < 0 ? -1 : boxes > 0;
    const auto masks = items_[a].shape.mask->runs <=> items_[b].shape.mask->runs;
    return masks < 0 ? -1 : masks > 0;
  }

  void Take(const Item& item, bool duplicate, MatchedCategory* matched) {
    Cell& cell = cells_[item.cell];
    const bool kept = cell.seen < static_cast<std::uint32_t>(grid_.max_detections);
    if (duplicate && (kept || input_.corrections.duplicates)) {
      ++matched->duplicates;
      matched->first_duplicate = std::min(matched->first_duplicate, item.index);
      if (input_.corrections.duplicates) return;
    }
    const std::uint32_t rank = cell.seen++;
    if (!kept) {
      ++matched->cut;
      return;
    }
    MatchedDetection result;
    result.score = item.score;
    result.image = cell.image;
    result.rank = rank;
    if (cell.truth_begin != cell.truth_end) MatchOne(item.shape, cell, &result);
    result.ignored |= Outside(item.area) & ~result.true_positive;
    matched->detections.push_back(result);
  }

  // cocoeval.py, evaluateImg, for all pairs at once. There, in each pair, a detection takes the free truth of
  // largest overlap that reaches the threshold, the later one among equals, and ignored truth only when no
  // other fits; a crowd is never used up. So: walk the candidates from the best down and hand each the pairs
  // that are still open, first where it counts, then where it is ignored.
  void MatchOne(const Shape& shape, const Cell& cell, MatchedDetection* result) {
    FindCandidates(shape, cell);
    Mask open = all_;
    for (const auto& [iou, g] : candidates_) {
      const Mask won = open & Reached(iou) & ~taken_[g] & ~ignored_[g];
      taken_[g] |= won;
      open &= ~won;
      if (!unmatchable_[g]) result->true_positive |= won;
    }
    for (const auto& [iou, g] : candidates_) {
      const Mask won = open & Reached(iou) & ignored_[g] & (shapes_[g].crowd ? all_ : ~taken_[g]);
      taken_[g] |= won;
      open &= ~won;
      result->ignored |= won;
    }
  }

  void FindCandidates(const Shape& shape, const Cell& cell) {
    candidates_.clear();
    const std::size_t count = cell.truth_end - cell.truth_begin;
    if (ious_.size() < count) ious_.resize(count);
    Overlaps(shape, std::span(shapes_).subspan(cell.truth_begin, count), ious_.data());
    for (std::size_t g = 0; g < count; ++g) {
      if (ious_[g] >= thresholds_.front()) candidates_.push_back({ious_[g], cell.truth_begin + g});
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
  std::vector<Mask> of_area_;  // [area]: its pairs.

  // The truth at hand, by image.
  std::vector<TruthShape> shapes_;
  std::vector<Mask> ignored_;               // Pairs in which a truth is ignored.
  std::vector<Mask> taken_;                 // Pairs in which it is matched already.
  std::vector<char> unmatchable_;           // Who finds it is a false positive.
  std::vector<std::uint32_t> truth_begin_;  // [images with truth + 1]

  // The detections at hand, by image.
  std::vector<Item> items_;
  std::vector<Cell> cells_;
  std::vector<char> duplicate_;
  std::vector<ScoredItem> order_;
  std::vector<ScoredItem> scratch_;

  // The detection at hand.
  std::vector<double> ious_;
  std::vector<Candidate> candidates_;
};

CategoryMatcher::CategoryMatcher(const MatchInput& input, const MatchGrid& grid)
    : impl_(std::make_unique<Impl>(input, grid)) {}

CategoryMatcher::~CategoryMatcher() = default;

MatchedCategory CategoryMatcher::Match(std::size_t category, ImageRange images) {
  return impl_->Match(category, images);
}

TruthShape MatchInput::ShapeOfTruth(std::size_t index) const {
  const datasets::Annotation& annotation = truth.annotations[index];
  if (masks == nullptr) return {{annotation.box}, annotation.crowd};
  const datasets::Mask& mask = truth.masks[index];
  return {{MaskBox(mask), &mask}, annotation.crowd};
}

Shape MatchInput::ShapeOfDetection(std::size_t index) const {
  if (masks == nullptr) return {detections[index].box};
  const datasets::Mask& mask = masks->masks[index];
  return {MaskBox(mask), &mask};
}

double MatchInput::AreaOfDetection(std::size_t index) const {
  const bool of_mask = masks != nullptr && (corrections.mask_area || !masks->boxes_given);
  return of_mask ? static_cast<double>(MaskArea(masks->masks[index])) : detections[index].box.area();
}

// An `ignore` key has no effect unless corrected: cocoeval.py overwrites it with iscrowd.
bool MatchInput::IsUncounted(std::size_t index) const {
  const datasets::Annotation& annotation = truth.annotations[index];
  return annotation.crowd || (corrections.ignore && annotation.ignore) ||
         (corrections.flat_truth && ShapeOfTruth(index).HasNoArea());
}

MatchedCategory MergeMatched(std::vector<MatchedCategory> parts) {
  if (parts.empty()) return {};
  // Neighbours first: every detection moves as often as the number of parts can be halved.
  for (std::size_t step = 1; step < parts.size(); step *= 2) {
    for (std::size_t i = 0; i + step < parts.size(); i += 2 * step) Append(parts[i + step], &parts[i]);
  }
  return std::move(parts[0]);
}

}  // namespace yoake::metrics
