#include "metrics/coco/coco_eval.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/parallel.h"
#include "metrics/coco/accumulate.h"
#include "metrics/coco/eval_warnings.h"
#include "metrics/coco/summary.h"
#include "metrics/matching/matching.h"

namespace yoake::metrics {
namespace {

CocoArrays EmptyArrays(const MatchGrid& grid, std::size_t recalls, std::size_t categories,
                       std::size_t limits) {
  CocoArrays arrays;
  arrays.thresholds = grid.thresholds();
  arrays.recalls = static_cast<int>(recalls);
  arrays.categories = static_cast<int>(categories);
  arrays.areas = static_cast<int>(grid.areas.size());
  arrays.max_detections = static_cast<int>(limits);
  const std::size_t cells = grid.iou_thresholds.size() * categories * grid.areas.size() * limits;
  arrays.precision.resize(cells * recalls);
  arrays.scores.resize(cells * recalls);
  arrays.recall.resize(cells);
  return arrays;
}

// Lays a category's [outer, A, M] array into the whole [outer, K, A, M] one.
void Place(const std::vector<double>& part, std::size_t category, std::size_t categories, std::size_t inner,
           std::vector<double>* whole) {
  for (std::size_t outer = 0; outer * inner < part.size(); ++outer) {
    std::copy_n(&part[outer * inner], inner, &(*whole)[(outer * categories + category) * inner]);
  }
}

// A category, or of a large one some of the images: what a thread takes at a time.
struct MatchTask {
  std::size_t category = 0;
  std::size_t part = 0;
  ImageRange images;
  std::size_t items = 0;  // Detections and truth boxes, roughly: what it costs.
};

constexpr std::size_t kTasksAThread = 4;
constexpr std::size_t kFewestItems = 2048;  // Smaller parts are not worth handing out.

// The ranges of images into which a category is cut, of about equal numbers of detections.
std::vector<ImageRange> CutImages(const MatchInput& input, std::size_t category, std::size_t parts) {
  const auto detections = input.detection_groups.Category(category);
  std::vector<ImageRange> ranges = {{}};
  for (std::size_t part = 1; part < parts; ++part) {
    const std::uint32_t image = input.detection_keys[detections[part * detections.size() / parts]].image;
    if (image <= ranges.back().begin) continue;
    ranges.back().end = image;
    ranges.push_back({image, kNoPosition});
  }
  return ranges;
}

// Evaluates a set: the categories' curves and means, by many threads, each category's in its own place.
class Evaluation {
 public:
  Evaluation(const EvaluationSet& set, const CocoParams& params)
      : input_(set.input()),
        params_(params.Full()),
        grid_(GridOf(params_)),
        recalls_(CocoRecallThresholds()),
        columns_(SummaryColumns(params_, !params.iou_thresholds.empty())),
        categories_(set.categories()),
        parts_(categories_.size()),
        parts_left_(categories_.size()),
        matched_(categories_.size()),
        means_(categories_.size()) {
    if (!params.keep_arrays) return;
    result_.arrays = EmptyArrays(grid_, recalls_.size(), categories_.size(), params_.max_detections.size());
  }

  EvalResult Run() {
    const std::vector<MatchTask> tasks = Tasks();
    std::atomic<std::size_t> next = 0;
    const auto threads = static_cast<std::size_t>(std::max(1, params_.threads));
    ParallelFor(std::min(threads, tasks.size()), params_.threads, [&](std::size_t) {
      CategoryMatcher matcher(input_, grid_);
      for (std::size_t i = next++; i < tasks.size(); i = next++) Run(tasks[i], &matcher);
    });
    Conclude();
    return std::move(result_);
  }

 private:
  // The large ones first, so that no thread is left with one at the end.
  std::vector<MatchTask> Tasks() {
    const std::size_t all = input_.detections.size() + input_.truth.annotations.size();
    const std::size_t threads = static_cast<std::size_t>(std::max(1, params_.threads));
    const std::size_t most = threads == 1 ? all + 1 : std::max(all / (threads * kTasksAThread), kFewestItems);
    std::vector<MatchTask> tasks;
    for (std::size_t k = 0; k < categories_.size(); ++k) {
      const std::size_t detections = input_.detection_groups.Category(k).size();
      const std::size_t items = detections + input_.truth_groups.Category(k).size();
      const auto ranges = CutImages(input_, k, detections == 0 ? 1 : items / most + 1);
      parts_[k].resize(ranges.size());
      parts_left_[k] = ranges.size();
      for (std::size_t part = 0; part < ranges.size(); ++part) {
        tasks.push_back({k, part, ranges[part], items / ranges.size()});
      }
    }
    std::stable_sort(tasks.begin(), tasks.end(),
                     [](const MatchTask& a, const MatchTask& b) { return a.items > b.items; });
    return tasks;
  }

  // Who finishes a category's last part puts it together.
  void Run(const MatchTask& task, CategoryMatcher* matcher) {
    const std::size_t k = task.category;
    parts_[k][task.part] = matcher->Match(k, task.images);
    if (--parts_left_[k] > 0) return;
    matched_[k] = MergeMatched(std::move(parts_[k]));
    Accumulate(k);
    // Only counts are needed from here on. (= {} would keep the memory.)
    matched_[k].detections = std::vector<MatchedDetection>();
  }

  void Accumulate(std::size_t k) {
    const CategoryCurves curves =
        metrics::Accumulate(matched_[k], grid_, recalls_, params_.max_detections,
                            params_.keep_arrays ? CurveChoice::kEverything : CurveChoice::kForColumns);
    means_[k] = Summarize(curves, columns_);
    if (!params_.keep_arrays) return;
    const std::size_t inner = curves.areas * curves.limits;
    Place(curves.precision, k, categories_.size(), inner, &result_.arrays.precision);
    Place(curves.scores, k, categories_.size(), inner, &result_.arrays.scores);
    Place(curves.recall, k, categories_.size(), inner, &result_.arrays.recall);
  }

  void Conclude() {
    std::vector<Mean> overall(columns_.size());
    for (std::size_t k = 0; k < categories_.size(); ++k) {
      for (std::size_t column = 0; column < columns_.size(); ++column) overall[column].Add(means_[k][column]);
      CategoryRow row;
      row.category_id = categories_[k]->id;
      row.category = categories_[k]->name;
      row.n_dt = matched_[k].given;
      for (const std::uint32_t index : input_.truth_groups.Category(k)) {
        if (input_.truth.annotations[index].crowd) {
          ++row.n_crowd;
        } else if (!input_.IsUncounted(index)) {
          ++row.n_gt;
        }
      }
      result_.per_category.push_back(std::move(row));
    }
    SetColumns(columns_, overall, means_, &result_);
    result_.lowest_iou = params_.iou_thresholds.front();
    result_.highest_iou = params_.iou_thresholds.back();
    result_.most_detections = params_.max_detections.back();
    result_.warnings = EvaluationWarnings(input_, categories_, matched_, grid_.max_detections);
  }

  const MatchInput& input_;
  const CocoParams params_;
  const MatchGrid grid_;
  const std::vector<double> recalls_;
  const std::vector<SummaryColumn> columns_;
  const std::vector<const datasets::Category*>& categories_;

  // [category]. Threads write different places.
  std::vector<std::vector<MatchedCategory>> parts_;
  std::vector<std::atomic<std::size_t>> parts_left_;
  std::vector<MatchedCategory> matched_;
  std::vector<std::vector<Mean>> means_;

  EvalResult result_;
};

}  // namespace

EvalResult EvaluateCoco(const EvaluationSet& set, const CocoParams& params) {
  params.Validate();
  return Evaluation(set, params).Run();
}

EvalResult EvaluateCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                        const CocoParams& params) {
  params.Validate();
  SetOptions options;
  options.threads = params.threads;
  return EvaluateCoco(EvaluationSet(truth, detections, options), params);
}

}  // namespace yoake::metrics
