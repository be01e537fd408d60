#include "tests/metrics/plain_reference.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace yoake::metrics {
namespace {

struct Outcome {
  double score;
  bool matched;
  bool ignored;
};

struct ImageOutcome {
  std::vector<Outcome> detections;  // By falling score, cut.
  int counted_truths = 0;
};

constexpr double kAreas[4][2] = {{0, 1e10}, {0, 1024}, {1024, 9216}, {9216, 1e10}};

double Overlap(const Box& d, const Box& g, bool crowd) {
  const double w = std::min(d.x + d.w, g.x + g.w) - std::max(d.x, g.x);
  const double h = std::min(d.y + d.h, g.y + g.h) - std::max(d.y, g.y);
  if (w <= 0 || h <= 0) return 0;
  const double i = w * h;
  return i / (crowd ? d.w * d.h : d.w * d.h + g.w * g.h - i);
}

ImageOutcome EvaluateImage(std::vector<datasets::Annotation> truths, std::vector<Detection> detections,
                           int area, double threshold, int limit) {
  const auto outside = [&](double value) { return value < kAreas[area][0] || value > kAreas[area][1]; };
  const auto ignored = [&](const datasets::Annotation& g) { return g.crowd || outside(g.area); };
  std::stable_sort(truths.begin(), truths.end(),
                   [&](const auto& a, const auto& b) { return ignored(a) < ignored(b); });
  std::stable_sort(detections.begin(), detections.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (detections.size() > static_cast<std::size_t>(limit)) detections.resize(static_cast<std::size_t>(limit));
  ImageOutcome outcome;
  for (const auto& g : truths) outcome.counted_truths += !ignored(g);
  std::vector<bool> taken(truths.size(), false);
  for (const Detection& d : detections) {
    double best = std::min(threshold, 1 - 1e-10);
    int m = -1;
    for (std::size_t g = 0; g < truths.size(); ++g) {
      if (taken[g] && !truths[g].crowd) continue;
      if (m > -1 && !ignored(truths[m]) && ignored(truths[g])) break;
      const double iou = Overlap(d.box, truths[g].box, truths[g].crowd);
      if (iou < best) continue;
      best = iou;
      m = static_cast<int>(g);
    }
    Outcome result = {d.score, false, false};
    if (m > -1) {
      taken[m] = true;
      result.ignored = ignored(truths[m]);
      result.matched = truths[m].id != datasets::AnnotationId{0};
    }
    if (!result.matched && outside(d.box.area())) result.ignored = true;
    outcome.detections.push_back(result);
  }
  return outcome;
}

struct Curve {
  double recall = -1;
  std::vector<double> precision = std::vector<double>(101, -1);
  std::vector<double> scores = std::vector<double>(101, -1);
};

Curve AccumulateImages(const std::vector<ImageOutcome>& images, int limit) {
  std::vector<Outcome> all;
  int truths = 0;
  for (const ImageOutcome& image : images) {
    const std::size_t count = std::min(image.detections.size(), static_cast<std::size_t>(limit));
    all.insert(all.end(), image.detections.begin(), image.detections.begin() + static_cast<int>(count));
    truths += image.counted_truths;
  }
  Curve curve;
  if (truths == 0) return curve;
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<double> recall, precision;
  double tp = 0, fp = 0;
  for (const Outcome& outcome : all) {
    tp += outcome.matched && !outcome.ignored;
    fp += !outcome.matched && !outcome.ignored;
    recall.push_back(tp / truths);
    precision.push_back(tp / (fp + tp + std::numeric_limits<double>::epsilon()));
  }
  for (std::size_t i = precision.size(); i-- > 1;)
    precision[i - 1] = std::max(precision[i - 1], precision[i]);
  curve.recall = recall.empty() ? 0 : recall.back();
  for (int r = 0; r <= 100; ++r) {
    const double wanted = r == 100 ? 1.0 : r * 0.01;
    const auto at = std::lower_bound(recall.begin(), recall.end(), wanted) - recall.begin();
    const bool reached = at < static_cast<std::ptrdiff_t>(all.size());
    curve.precision[r] = reached ? precision[at] : 0;
    curve.scores[r] = reached ? all[at].score : 0;
  }
  return curve;
}

template <typename Item>
std::vector<Item> Cell(const std::vector<Item>& items, datasets::ImageId image,
                       datasets::CategoryId category) {
  std::vector<Item> cell;
  for (const Item& item : items) {
    if (item.image_id == image && item.category_id == category) cell.push_back(item);
  }
  return cell;
}

}  // namespace

CocoArrays PlainReference(const datasets::Dataset& truth, const std::vector<Detection>& detections,
                          const std::vector<double>& iou_thresholds, const std::vector<int>& max_detections) {
  auto images = truth.images;
  auto categories = truth.categories;
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  std::sort(images.begin(), images.end(), by_id);
  std::sort(categories.begin(), categories.end(), by_id);
  CocoArrays arrays;
  const int T = arrays.thresholds = static_cast<int>(iou_thresholds.size());
  const int R = arrays.recalls = 101;
  const int K = arrays.categories = static_cast<int>(categories.size());
  const int A = arrays.areas = 4;
  const int M = arrays.max_detections = static_cast<int>(max_detections.size());
  arrays.precision.resize(T * R * K * A * M);
  arrays.scores.resize(T * R * K * A * M);
  arrays.recall.resize(T * K * A * M);
  for (int k = 0; k < K; ++k) {
    for (int a = 0; a < A; ++a) {
      for (int t = 0; t < T; ++t) {
        std::vector<ImageOutcome> outcomes;
        for (const auto& image : images) {
          outcomes.push_back(EvaluateImage(Cell(truth.annotations, image.id, categories[k].id),
                                           Cell(detections, image.id, categories[k].id), a, iou_thresholds[t],
                                           max_detections.back()));
        }
        for (int m = 0; m < M; ++m) {
          const Curve curve = AccumulateImages(outcomes, max_detections[m]);
          arrays.recall[((t * K + k) * A + a) * M + m] = curve.recall;
          for (int r = 0; r < R; ++r) {
            arrays.precision[(((t * R + r) * K + k) * A + a) * M + m] = curve.precision[r];
            arrays.scores[(((t * R + r) * K + k) * A + a) * M + m] = curve.scores[r];
          }
        }
      }
    }
  }
  return arrays;
}

}  // namespace yoake::metrics
