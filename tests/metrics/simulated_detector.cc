#include "tests/metrics/simulated_detector.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>

namespace yoake::metrics {
namespace {

using Boxes = std::vector<Box>;

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

// Knuth's method; the means here are small.
int Poisson(double mean, RandomStream* random) {
  const double limit = std::exp(-mean);
  int count = 0;
  for (double product = random->Uniform(); product > limit; product *= random->Uniform()) ++count;
  return count;
}

std::size_t DrawCategory(const std::vector<double>& shares, RandomStream* random) {
  double draw = random->Uniform();
  std::size_t category = 0;
  while (category < shares.size() && draw >= shares[category]) draw -= shares[category++];
  return category;  // shares.size(): dropped.
}

struct Target {
  Box box;
  std::size_t category = 0;
  double difficulty = 0;
};

class Spoiler {
 public:
  Spoiler(const SimulatedDetector& detector, datasets::ImageId image, const std::vector<double>& shares,
          RandomStream random, std::vector<Detection>* detections)
      : detector_(detector), image_(image), shares_(shares), random_(random), out_(detections) {}

  void Find(const Target& target) {
    if (random_.Chance(Logistic(detector_.miss + target.difficulty))) return;
    Report(target, detector_.shake, 1.2);
    if (random_.Chance(detector_.duplicates)) Report(target, 3 * detector_.shake, 0);
  }

  void Imagine(const Target& like, double image_difficulty) {
    const int count = Poisson(detector_.false_boxes * std::exp(0.5 * image_difficulty), &random_);
    for (int i = 0; i < count; ++i) {
      Box box = like.box;
      box.x += box.w * random_.Uniform(-6, 6);
      box.y += box.h * random_.Uniform(-6, 6);
      Add(box, DrawCategory(shares_, &random_), -1.2 + random_.Normal());
    }
  }

 private:
  // The better a box fits, the surer the detector is of it.
  void Report(const Target& target, double shake, double sureness) {
    const double spread = shake * std::exp(0.4 * target.difficulty);
    const double dx = spread * random_.Normal();
    const double dy = spread * random_.Normal();
    const double dw = spread * random_.Normal();
    const double dh = spread * random_.Normal();
    Box box = target.box;
    box.x += box.w * dx;
    box.y += box.h * dy;
    box.w *= std::exp(dw);
    box.h *= std::exp(dh);
    const double misfit = std::sqrt(dx * dx + dy * dy + dw * dw + dh * dh);
    Add(box, target.category,
        sureness + 0.6 - 4 * misfit - 0.5 * target.difficulty + detector_.score_noise * random_.Normal());
  }

  void Add(const Box& box, std::size_t category, double log_odds) {
    if (category == shares_.size()) return;
    out_->push_back(
        {image_, datasets::CategoryId{static_cast<std::int64_t>(category) + 1}, box, Logistic(log_odds)});
  }

  const SimulatedDetector& detector_;
  datasets::ImageId image_;
  const std::vector<double>& shares_;
  RandomStream random_;
  std::vector<Detection>* out_;
};

// What the frames of a drive share.
struct Drive {
  double difficulty = 0;
  std::vector<SimulatedDetector> detectors;
};

Drive DrawDrive(const SimulationOptions& options, const std::vector<SimulatedDetector>& detectors,
                RandomStream random) {
  Drive drive{0, detectors};
  if (options.frames == 1) return drive;
  drive.difficulty = options.drive_difficulty * random.Normal();
  for (SimulatedDetector& detector : drive.detectors) detector.miss += options.drive_luck * random.Normal();
  return drive;
}

std::vector<Boxes> BoxesByImage(const datasets::Dataset& base) {
  std::map<datasets::ImageId, Boxes> by_image;
  for (const datasets::Image& image : base.images) by_image[image.id];
  for (const datasets::Annotation& annotation : base.annotations) {
    if (!annotation.crowd && annotation.box.area() > 0)
      by_image[annotation.image_id].push_back(annotation.box);
  }
  std::vector<Boxes> boxes;
  for (auto& [image, list] : by_image) boxes.push_back(std::move(list));
  return boxes;
}

}  // namespace

Simulation Simulate(const datasets::Dataset& base, int images, const SimulationOptions& options,
                    const std::vector<SimulatedDetector>& detectors, const RandomStream& stream) {
  const std::vector<Boxes> pool = BoxesByImage(base);
  Simulation simulation;
  simulation.detections.resize(detectors.size());
  for (std::size_t c = 0; c < options.categories.size(); ++c) {
    simulation.truth.categories.push_back(
        {datasets::CategoryId{static_cast<std::int64_t>(c) + 1}, options.categories[c], ""});
  }
  for (int i = 0; i < images; ++i) {
    const RandomStream image_stream = stream.Split(static_cast<std::uint64_t>(i));
    RandomStream random = image_stream.Split("scene");
    const datasets::ImageId id{i + 1};
    simulation.truth.images.push_back({id, std::to_string(i + 1).append(".jpg"), {}, 640, 480, 0});
    const auto drive_number = static_cast<std::uint64_t>(i / options.frames);
    const Drive drive = DrawDrive(options, detectors, stream.Split("drive").Split(drive_number));
    const double image_difficulty = drive.difficulty + options.image_difficulty * random.Normal();
    const Boxes& boxes = pool[random.Below(pool.size())];
    const std::size_t category_of_image = DrawCategory(options.shares, &random);
    std::vector<Target> targets;
    for (const Box& box : boxes) {
      const std::size_t category =
          options.clumped ? category_of_image : DrawCategory(options.shares, &random);
      const double difficulty = image_difficulty + options.box_difficulty * random.Normal();
      if (category == options.shares.size()) continue;
      targets.push_back({box, category, difficulty});
      datasets::Annotation annotation;
      annotation.id =
          datasets::AnnotationId{static_cast<std::int64_t>(simulation.truth.annotations.size()) + 1};
      annotation.image_id = id;
      annotation.category_id = datasets::CategoryId{static_cast<std::int64_t>(category) + 1};
      annotation.box = box;
      annotation.area = box.area();
      simulation.truth.annotations.push_back(annotation);
    }
    for (std::size_t d = 0; d < detectors.size(); ++d) {
      Spoiler spoiler(drive.detectors[d], id, options.shares, image_stream.Split("detector").Split(d),
                      &simulation.detections[d]);
      for (const Target& target : targets) spoiler.Find(target);
      if (!boxes.empty()) spoiler.Imagine({boxes.front(), 0, 0}, image_difficulty);
    }
  }
  return simulation;
}

std::vector<double> SharesFor(const datasets::Dataset& base, int images, const std::vector<double>& boxes) {
  double all = 0;
  for (const Boxes& list : BoxesByImage(base)) all += static_cast<double>(list.size());
  const double expected = all / static_cast<double>(base.images.size()) * images;
  std::vector<double> shares;
  for (const double wanted : boxes) shares.push_back(std::min(1.0, wanted / expected));
  return shares;
}

}  // namespace yoake::metrics
