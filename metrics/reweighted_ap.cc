#include "metrics/reweighted_ap.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics/accumulate.h"

namespace yoake::metrics {
namespace {

constexpr double kSpacingOfOne = std::numeric_limits<double>::epsilon();  // As in accumulate.cc.
constexpr std::size_t kThresholds = 10;
constexpr std::size_t kRecalls = 101;
constexpr std::uint32_t kBest[] = {1, 10};  // Of AR_1 and AR_10; every detection is among the best 100.

enum Column : std::size_t { kAp, kAp50, kAp75, kApSmall, kAr1 = 6, kAr10, kAr100, kArSmall };
constexpr std::size_t kThreshold75 = 5;

using Counts = std::array<std::int32_t, kLanes>;
using Reals = std::array<double, kLanes>;

void AddWeights(const std::array<std::uint8_t, kLanes>& weights, Counts* counts) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) (*counts)[lane] += weights[lane];
}

// A detection that matters for one area and threshold.
struct Event {
  std::uint32_t image = 0;
  std::uint32_t row : 29 = 0;      // Into AreaPlan::row_ends, if measured.
  std::uint32_t hit : 1 = 0;       // A true positive.
  std::uint32_t apart : 1 = 0;     // Counts at this threshold, but is not among `counted`.
  std::uint32_t measured : 1 = 0;  // The last hit before something that counts and is no hit.
};

// One area of one category.
struct AreaPlan {
  std::vector<std::uint32_t> counted;   // Images of the detections that count at every threshold, by score.
  std::vector<std::uint32_t> row_ends;  // How many of them come before each place where precision is taken.
  std::array<std::vector<Event>, kThresholds> events;  // By score.
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
  std::array<std::array<LimitedHits, kThresholds>, 2> limited;  // [kBest] of the first area.
};

// Builds one area's plan by walking down the list once.
class Planner {
 public:
  Planner(const MatchedCategory& matched, const MatchGrid& grid, int area) : shift_(grid.bit(area, 0)) {
    for (const MatchedDetection& detection : matched.detections) Take(detection);
    Measure(kEvery);
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
  static constexpr Mask kEvery = (Mask{1} << kThresholds) - 1;

  void Take(const MatchedDetection& detection) {
    const Mask hit = detection.true_positive >> shift_ & kEvery;
    const Mask counts = ~(detection.ignored >> shift_) & kEvery;
    if (counts == 0) return;
    Measure(counts & ~hit);
    const bool apart = counts != kEvery;
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
using Reach = std::array<Counts, kRecalls + 1>;

// The smallest h >= 1 with h / n >= wanted, as doubles divide; recall 0 is reached by the first hit.
void FindReach(const Counts& truth, const std::vector<double>& recalls, Reach* reach) {
  for (std::size_t r = 0; r < kRecalls; ++r) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double n = std::max(truth[lane], 1);
      const auto guess = static_cast<std::int32_t>(recalls[r] * n);  // Never too high by more than rounding.
      const std::int32_t below = guess - 1;
      const int add = (below / n < recalls[r]) + (guess / n < recalls[r]) + ((guess + 1) / n < recalls[r]);
      (*reach)[r][lane] = std::max(below + add, 1);
    }
  }
  (*reach)[kRecalls].fill(std::numeric_limits<std::int32_t>::max());
}

// The interpolated curves of one threshold, all lanes: Run() walks the events, then hits() and Sum().
class CurveLanes {
 public:
  CurveLanes(const LaneWeights& weights, const std::vector<Counts>& rows, const Reach& reach)
      : weights_(weights), rows_(rows), reach_(reach) {}

  // best_[p][lane] becomes the best precision among the places that reach p recall points and not one more.
  void Run(const std::vector<Event>& events) {
    for (Reals& best : best_) best.fill(0);
    points_.fill(0);
    hits_.fill(0);
    next_ = reach_[0];
    Counts apart{};
    Reals best{};  // Of the points each lane stands at.
    for (const Event& event : events) {
      const auto& weights = weights_[event.image];
      if (event.hit) AddWeights(weights, &hits_);
      if (event.apart) AddWeights(weights, &apart);
      if (!event.measured) continue;
      bool any = false;
      for (std::size_t lane = 0; lane < kLanes; ++lane) any |= hits_[lane] >= next_[lane];
      if (any) Climb(&best);
      const Counts& counted = rows_[event.row];
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const double precision = hits_[lane] / ((counted[lane] + apart[lane]) + kSpacingOfOne);
        best[lane] = std::max(best[lane], precision);
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) best_[points_[lane]][lane] = best[lane];
  }

  const Counts& hits() const { return hits_; }

  // The sum of precision over the recall points, in pycocotools' order. Uses up what Run() left.
  Reals Sum() {
    for (std::size_t p = kRecalls; p-- > 1;) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        best_[p][lane] = std::max(best_[p][lane], best_[p + 1][lane]);
      }
    }
    Reals sum{};
    for (std::size_t p = 1; p <= kRecalls; ++p) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) sum[lane] += best_[p][lane];
    }
    return sum;
  }

 private:
  void Climb(Reals* best) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (hits_[lane] < next_[lane]) continue;
      std::size_t& points = points_[lane];
      best_[points][lane] = (*best)[lane];
      while (reach_[points][lane] <= hits_[lane]) ++points;
      next_[lane] = reach_[points][lane];
      (*best)[lane] = 0;
    }
  }

  const LaneWeights& weights_;
  const std::vector<Counts>& rows_;
  const Reach& reach_;
  std::array<Reals, kRecalls + 1> best_;
  std::array<std::size_t, kLanes> points_{};
  Counts hits_{};
  Counts next_{};
};

void CountRows(const AreaPlan& plan, const LaneWeights& weights, std::vector<Counts>* rows) {
  rows->resize(plan.row_ends.size());
  Counts counted{};
  std::size_t i = 0;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    for (; i < plan.row_ends[row]; ++i) AddWeights(weights[plan.counted[i]], &counted);
    (*rows)[row] = counted;
  }
}

Counts CountTruth(const AreaPlan& plan, const LaneWeights& weights) {
  Counts truth{};
  for (std::size_t i = 0; i < plan.truth_images.size(); ++i) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      truth[lane] += static_cast<std::int32_t>(plan.truth_counts[i]) * weights[plan.truth_images[i]][lane];
    }
  }
  return truth;
}

Counts CountLimited(const LimitedHits& limited, const LaneWeights& weights, const Counts& all) {
  Counts listed{};
  for (const std::uint32_t image : limited.images) AddWeights(weights[image], &listed);
  if (!limited.others) return listed;
  Counts rest;
  for (std::size_t lane = 0; lane < kLanes; ++lane) rest[lane] = all[lane] - listed[lane];
  return rest;
}

// Adds `sum` over `count` values to a column, in the lanes that have truth.
void AddTo(std::size_t column, const Reals& sum, double count, const Counts& truth, LaneMeans* means) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (truth[lane] == 0) continue;
    means->sum[column][lane] += sum[lane];
    means->count[column][lane] += count;
  }
}

Reals Recall(const Counts& hits, const Counts& truth) {
  Reals recall;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    recall[lane] = static_cast<double>(hits[lane]) / std::max(truth[lane], 1);
  }
  return recall;
}

}  // namespace

class ReweightedAp::Impl {
 public:
  explicit Impl(const MatchedSet& set) : images_(set.images.size()), recalls_(CocoRecallThresholds()) {
    const MatchGrid grid = CocoGrid();
    for (const MatchedSetCategory& category : set.categories) {
      CategoryPlan& plan = plans_.emplace_back();
      for (int a = 0; a < 4; ++a) plan.areas[a] = Planner(category.matched, grid, a).TakePlan();
      for (std::size_t m = 0; m < std::size(kBest); ++m) {
        for (int t = 0; t < grid.thresholds(); ++t) {
          plan.limited[m][t] = PlanLimit(category.matched, grid.bit(0, t), kBest[m]);
        }
      }
    }
  }

  std::size_t images() const { return images_; }
  std::size_t categories() const { return plans_.size(); }

  LaneMeans Category(const CategoryPlan& plan, const LaneWeights& weights, std::vector<Counts>* rows) const {
    LaneMeans means;
    Reach reach;
    for (std::size_t a = 0; a < plan.areas.size(); ++a) {
      const AreaPlan& area = plan.areas[a];
      const Counts truth = CountTruth(area, weights);
      if (std::all_of(truth.begin(), truth.end(), [](std::int32_t n) { return n == 0; })) continue;
      FindReach(truth, recalls_, &reach);
      CountRows(area, weights, rows);
      CurveLanes curve(weights, *rows, reach);
      for (std::size_t t = 0; t < kThresholds; ++t) {
        curve.Run(area.events[t]);
        const Reals precision = curve.Sum();
        const Reals recall = Recall(curve.hits(), truth);
        AddTo(a == 0 ? kAp : kApSmall + a - 1, precision, kRecalls, truth, &means);
        AddTo(a == 0 ? kAr100 : kArSmall + a - 1, recall, 1, truth, &means);
        if (a != 0) continue;
        if (t == 0) AddTo(kAp50, precision, kRecalls, truth, &means);
        if (t == kThreshold75) AddTo(kAp75, precision, kRecalls, truth, &means);
        for (std::size_t m = 0; m < std::size(kBest); ++m) {
          const Counts hits = CountLimited(plan.limited[m][t], weights, curve.hits());
          AddTo(kAr1 + m, Recall(hits, truth), 1, truth, &means);
        }
      }
    }
    return means;
  }

  std::vector<LaneMeans> Evaluate(const LaneWeights& weights) const {
    std::vector<LaneMeans> result(plans_.size() + 1);
    std::vector<Counts> rows;
    for (std::size_t k = 0; k < plans_.size(); ++k) {
      result[k] = Category(plans_[k], weights, &rows);
      result.back().Add(result[k]);
    }
    return result;
  }

 private:
  std::size_t images_;
  std::vector<double> recalls_;
  std::vector<CategoryPlan> plans_;
};

void LaneMeans::Add(const LaneMeans& other) {
  for (std::size_t column = 0; column < kColumns; ++column) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sum[column][lane] += other.sum[column][lane];
      count[column][lane] += other.count[column][lane];
    }
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
