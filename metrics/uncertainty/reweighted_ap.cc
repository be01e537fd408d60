#include "metrics/uncertainty/reweighted_ap.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics/coco/accumulate.h"

namespace yoake::metrics {
namespace {

constexpr std::size_t kRecalls = 101;
constexpr std::uint32_t kBest[] = {1, 10};  // Of AR_1 and AR_10; every detection is among the best 100.

enum ColumnIndex : std::size_t { kAp, kAp50, kAp75, kApSmall, kAr1 = 6, kAr10, kAr100, kArSmall };

// A detection that matters for one area and threshold.
struct Event {
  std::uint32_t image = 0;
  std::uint32_t row : 29 = 0;      // Into AreaPlan::row_ends, if measured.
  std::uint32_t hit : 1 = 0;       // A true positive.
  std::uint32_t apart : 1 = 0;     // LaneCounts at this threshold, but is not among `counted`.
  std::uint32_t measured : 1 = 0;  // The last hit before something that counts and is no hit.
};

// One area of one category.
struct AreaPlan {
  std::vector<std::uint32_t> counted;   // Images of the detections that count at every threshold, by score.
  std::vector<std::uint32_t> row_ends;  // How many of them come before each place where precision is taken.
  std::vector<std::vector<Event>> events;  // [thresholds] by score.
  std::vector<std::uint32_t> truth_images;
  std::vector<std::uint32_t> truth_counts;  // [truth_images], none is 0.
};

// Hits among the best so many of each image: the images of all of them or, where those are fewer, of all
// other hits.
struct LimitedHits {
  bool others = false;
  std::vector<std::uint32_t> images;
};

struct CategoryPlan {
  std::array<AreaPlan, 4> areas;
  std::array<std::vector<LimitedHits>, 2> limited;  // [kBest][thresholds] of the first area.
};

// Builds one area's plan by walking down the list once.
class Planner {
 public:
  Planner(const MatchedCategory& matched, const MatchGrid& grid, int area)
      : shift_(grid.bit(area, 0)), every_((Mask{1} << grid.thresholds()) - 1) {
    plan_.events.resize(grid.iou_thresholds.size());
    for (const MatchedDetection& detection : matched.detections) Take(detection);
    Measure(every_);
    NumberRows();
    const std::size_t areas = grid.areas.size();
    for (std::size_t i = 0; i < matched.truth_images.size(); ++i) {
      const std::uint32_t count = matched.truth_counts[i * areas + static_cast<std::size_t>(area)];
      if (count == 0) continue;
      plan_.truth_images.push_back(matched.truth_images[i]);
      plan_.truth_counts.push_back(count);
    }
  }

  AreaPlan TakePlan() { return std::move(plan_); }

 private:
  using Mask = std::uint64_t;
  void Take(const MatchedDetection& detection) {
    const Mask hit = detection.true_positive >> shift_ & every_;
    const Mask counts = ~(detection.ignored >> shift_) & every_;
    if (counts == 0) return;
    Measure(counts & ~hit);
    const bool apart = counts != every_;
    if (!apart) plan_.counted.push_back(detection.image);
    for (std::size_t t = 0; (apart ? counts : hit) >> t != 0; ++t) {
      if (((apart ? counts : hit) >> t & 1) == 0) continue;
      Event event;
      event.image = detection.image;
      event.row = static_cast<std::uint32_t>(plan_.counted.size()) & kMaxRow;
      event.hit = hit >> t & 1;
      event.apart = apart;
      plan_.events[t].push_back(event);
      if (event.hit) running_ |= Mask{1} << t;
    }
  }

  // Ends the runs of hits at these thresholds.
  void Measure(Mask ending) {
    ending &= running_;
    running_ &= ~ending;
    for (std::size_t t = 0; ending >> t != 0; ++t) {
      if (ending >> t & 1) plan_.events[t].back().measured = 1;
    }
  }

  // Until here a row is how many were counted; it becomes the number of that count among those asked for.
  void NumberRows() {
    std::vector<std::uint32_t>& ends = plan_.row_ends;
    for (const auto& events : plan_.events) {
      for (const Event& event : events) {
        if (event.measured) ends.push_back(event.row);
      }
    }
    std::sort(ends.begin(), ends.end());
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    for (auto& events : plan_.events) {
      std::size_t row = 0;
      for (Event& event : events) {
        if (!event.measured) continue;
        while (ends[row] < event.row) ++row;
        event.row = static_cast<std::uint32_t>(row) & kMaxRow;
      }
    }
  }

  static constexpr std::uint32_t kMaxRow = (1u << 29) - 1;

  int shift_;
  Mask every_;        // Threshold.
  Mask running_ = 0;  // Thresholds whose last event is a hit that nothing has followed yet.
  AreaPlan plan_;
};

LimitedHits PlanLimit(const MatchedCategory& matched, int bit, std::uint32_t best) {
  LimitedHits inside;
  LimitedHits outside{true, {}};
  for (const MatchedDetection& detection : matched.detections) {
    if ((detection.true_positive >> bit & 1) == 0) continue;
    (detection.rank < best ? inside : outside).images.push_back(detection.image);
  }
  return inside.images.size() <= outside.images.size() ? inside : outside;
}

// How many hits reach each recall: [1 + recalls] with a last entry that none reaches.
using Reach = std::array<LaneCounts, kRecalls + 1>;

// recalls[r] is r / 100 or a neighbouring double above it (CocoRecallThresholds multiplies). Of n boxes the
// first h with h / n >= recalls[r], as doubles divide, is ceil(r n / 100) unless that divides evenly and the
// neighbour is meant: then one more. Recall 0 is reached by the first hit.
class ReachTable {
 public:
  ReachTable() {
    const std::vector<double> recalls = CocoRecallThresholds();
    for (std::size_t r = 0; r < kRecalls; ++r)
      round_up_[r] = recalls[r] > static_cast<double>(r) / 100 ? 100 : 99;
  }

  void Find(const LaneCounts& truth, Reach* reach) const {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::int64_t n = truth[lane];
      (*reach)[0].Set(lane, 1);
      for (std::size_t r = 1; r < kRecalls; ++r) {
        (*reach)[r].Set(lane,
                        static_cast<std::int32_t>((static_cast<std::int64_t>(r) * n + round_up_[r]) / 100));
      }
      (*reach)[kRecalls].Set(lane, std::numeric_limits<std::int32_t>::max());
    }
  }

 private:
  std::array<std::int64_t, kRecalls> round_up_{};
};

// The interpolated curves of one threshold, all lanes: Run() walks the events, then hits() and Sum().
class CurveLanes {
 public:
  CurveLanes(const LaneWeights& weights, const std::vector<LaneCounts>& rows, const Reach& reach)
      : weights_(weights), rows_(rows), reach_(reach) {}

  // best_[p][lane] becomes the best precision among the places that reach p recall points and not one more.
  void Run(const std::vector<Event>& events) {
    best_.fill({});
    points_.fill(0);
    LaneCounts hits{};
    LaneCounts next = reach_[0];  // Hits at which a lane reaches one more point.
    LaneCounts apart{};
    LaneReals best{};  // Since the last point.
    for (const Event& event : events) {
      const auto& weights = weights_[event.image];
      if (event.hit) hits += weights;
      if (event.apart) apart += weights;
      if (!event.measured) continue;
      if (AnyAtMost(next, hits)) Climb(hits, &next, &best);
      LaneCounts counted = rows_[event.row];
      counted += apart;
      LaneReals denominator(counted);
      denominator += kSpacingOfOne;
      LaneReals precision(hits);
      precision /= denominator;
      best.RaiseTo(precision);
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) best_[points_[lane]].Set(lane, best[lane]);
    hits_ = hits;
  }

  const LaneCounts& hits() const { return hits_; }

  // The sum of precision over the recall points, in pycocotools' order. Uses up what Run() left.
  LaneReals Sum() {
    for (std::size_t p = kRecalls; p-- > 1;) best_[p].RaiseTo(best_[p + 1]);
    LaneReals sum;
    for (std::size_t p = 1; p <= kRecalls; ++p) sum += best_[p];
    return sum;
  }

 private:
  [[gnu::noinline]] void Climb(const LaneCounts& hits, LaneCounts* next, LaneReals* best) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (hits[lane] < (*next)[lane]) continue;
      std::size_t points = points_[lane];
      best_[points].Set(lane, (*best)[lane]);
      while (reach_[points][lane] <= hits[lane]) ++points;
      points_[lane] = points;
      next->Set(lane, reach_[points][lane]);
      best->Set(lane, 0);
    }
  }

  const LaneWeights& weights_;
  const std::vector<LaneCounts>& rows_;
  const Reach& reach_;
  std::array<LaneReals, kRecalls + 1> best_;
  std::array<std::size_t, kLanes> points_{};
  LaneCounts hits_{};
};

void CountRows(const AreaPlan& plan, const LaneWeights& weights, std::vector<LaneCounts>* rows) {
  rows->resize(plan.row_ends.size());
  LaneCounts counted{};
  std::size_t i = 0;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    for (; i < plan.row_ends[row]; ++i) counted += weights[plan.counted[i]];
    (*rows)[row] = counted;
  }
}

LaneCounts CountTruth(const AreaPlan& plan, const LaneWeights& weights) {
  LaneCounts truth;
  for (std::size_t i = 0; i < plan.truth_images.size(); ++i) {
    LaneCounts image;
    image += weights[plan.truth_images[i]];
    image *= static_cast<std::int32_t>(plan.truth_counts[i]);
    truth += image;
  }
  return truth;
}

bool AnyTruth(const LaneCounts& truth) {
  LaneCounts one;
  for (std::size_t lane = 0; lane < kLanes; ++lane) one.Set(lane, 1);
  return AnyAtMost(one, truth);
}

LaneCounts CountLimited(const LimitedHits& limited, const LaneWeights& weights, const LaneCounts& all) {
  LaneCounts listed;
  for (const std::uint32_t image : limited.images) listed += weights[image];
  if (!limited.others) return listed;
  LaneCounts rest = all;
  rest -= listed;
  return rest;
}

// Adds `sum` over `count` values to a column, in the lanes that have truth.
void AddTo(std::size_t column, const LaneReals& sum, double count, const LaneCounts& truth,
           LaneMeans* means) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (truth[lane] == 0) continue;
    means->sum[column].Set(lane, means->sum[column][lane] + sum[lane]);
    means->count[column].Set(lane, means->count[column][lane] + count);
  }
}

LaneReals Recall(const LaneCounts& hits, const LaneReals& truth) {
  LaneReals recall(hits);
  recall /= truth;
  return recall;
}

}  // namespace

class ReweightedAp::Impl {
 public:
  explicit Impl(const MatchedSet& set)
      : images_(set.images.size()),
        threshold_50_(Find(.5, set.grid.iou_thresholds)),
        threshold_75_(Find(.75, set.grid.iou_thresholds)) {
    const MatchGrid& grid = set.grid;
    for (const MatchedSetCategory& category : set.categories) {
      CategoryPlan& plan = plans_.emplace_back();
      for (int a = 0; a < 4; ++a) plan.areas[a] = Planner(category.matched, grid, a).TakePlan();
      for (std::size_t m = 0; m < std::size(kBest); ++m) {
        for (int t = 0; t < grid.thresholds(); ++t) {
          plan.limited[m].push_back(PlanLimit(category.matched, grid.bit(0, t), kBest[m]));
        }
      }
    }
  }

  std::size_t images() const { return images_; }
  std::size_t categories() const { return plans_.size(); }

  LaneMeans Category(const CategoryPlan& plan, const LaneWeights& weights,
                     std::vector<LaneCounts>* rows) const {
    LaneMeans means;
    Reach reach;
    for (std::size_t a = 0; a < plan.areas.size(); ++a) {
      const AreaPlan& area = plan.areas[a];
      const LaneCounts truth = CountTruth(area, weights);
      if (!AnyTruth(truth)) continue;
      const LaneReals divisor(truth);
      reach_.Find(truth, &reach);
      CountRows(area, weights, rows);
      CurveLanes curve(weights, *rows, reach);
      for (std::size_t t = 0; t < area.events.size(); ++t) {
        curve.Run(area.events[t]);
        const LaneReals precision = curve.Sum();
        const LaneReals recall = Recall(curve.hits(), divisor);
        AddTo(a == 0 ? kAp : kApSmall + a - 1, precision, kRecalls, truth, &means);
        AddTo(a == 0 ? kAr100 : kArSmall + a - 1, recall, 1, truth, &means);
        if (a != 0) continue;
        if (t == threshold_50_) AddTo(kAp50, precision, kRecalls, truth, &means);
        if (t == threshold_75_) AddTo(kAp75, precision, kRecalls, truth, &means);
        for (std::size_t m = 0; m < std::size(kBest); ++m) {
          const LaneCounts hits = CountLimited(plan.limited[m][t], weights, curve.hits());
          AddTo(kAr1 + m, Recall(hits, divisor), 1, truth, &means);
        }
      }
    }
    return means;
  }

  std::vector<LaneMeans> Evaluate(const LaneWeights& weights) const {
    std::vector<LaneMeans> result(plans_.size() + 1);
    std::vector<LaneCounts> rows;
    for (std::size_t k = 0; k < plans_.size(); ++k) {
      result[k] = Category(plans_[k], weights, &rows);
      result.back().Add(result[k]);
    }
    return result;
  }

 private:
  // The list's length when it is not in it: then the column stays undefined.
  static std::size_t Find(double threshold, const std::vector<double>& all) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](double each) { return std::abs(each - threshold) < 1e-12; });
    return static_cast<std::size_t>(found - all.begin());
  }

  std::size_t images_;
  std::size_t threshold_50_, threshold_75_;
  ReachTable reach_;
  std::vector<CategoryPlan> plans_;
};

void LaneMeans::Add(const LaneMeans& other) {
  for (std::size_t column = 0; column < kColumns; ++column) {
    sum[column] += other.sum[column];
    count[column] += other.count[column];
  }
}

ReweightedAp::ReweightedAp(const MatchedSet& set) : impl_(std::make_unique<Impl>(set)) {}
ReweightedAp::ReweightedAp(ReweightedAp&&) noexcept = default;
ReweightedAp::~ReweightedAp() = default;

std::size_t ReweightedAp::images() const { return impl_->images(); }
std::size_t ReweightedAp::categories() const { return impl_->categories(); }

std::vector<LaneMeans> ReweightedAp::Evaluate(const LaneWeights& weights) const {
  return impl_->Evaluate(weights);
}

}  // namespace yoake::metrics
