#include "datasets/synthetic_painter.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/rng.h"
#include "datasets/synthetic.h"
#include "datasets/synthetic_scene.h"

namespace yoake::datasets {
namespace {

constexpr double kVisibleShare = 0.3;
constexpr double kVisibleSide_px = 6;

struct Placed {
  Figure figure;
  cv::Point2d ground;
  double pixels_per_metre;
};

// The room an object takes up, roughly: to keep objects apart before they are drawn.
cv::Rect2d Room(const Placed& placed) {
  const double width = placed.pixels_per_metre * (placed.figure == Figure::kCar       ? 4.0
                                                  : placed.figure == Figure::kBicycle ? 1.6
                                                                                      : 0.7);
  const double height = placed.pixels_per_metre * 1.7;
  return {placed.ground.x - width / 2, placed.ground.y - height, width, height};
}

double Overlap(const cv::Rect2d& a, const cv::Rect2d& b) {
  return (a & b).area() / std::min(a.area(), b.area());
}

// Objects on the street, far ones first. Sizes are drawn evenly on a logarithmic scale.
std::vector<Placed> Place(const SyntheticOptions& options, const Street& street, RandomStream& random) {
  const double unit = options.object_size * options.height / 256.0;
  const double allowed_overlap = 0.08 + 0.6 * options.occlusion;
  std::vector<Placed> placed;
  for (std::int64_t left = random.Int(options.objects_min, options.objects_max); left > 0; --left) {
    const double draw = random.Uniform();
    const Figure figure = draw < 0.42 ? Figure::kPerson : draw < 0.75 ? Figure::kCar : Figure::kBicycle;
    const double largest = figure == Figure::kCar ? 80 : 105;
    for (int attempt = 0; attempt < 30; ++attempt) {
      const double tall = unit * 26 * std::pow(largest / 26, random.Uniform());
      const double metre = tall / 1.7;
      Placed candidate{figure, {random.Uniform(0.04, 0.96) * options.width, street.GroundRow(metre)}, metre};
      if (candidate.ground.y > options.height * 1.04) continue;
      const cv::Rect2d room = Room(candidate);
      const bool fits = std::all_of(placed.begin(), placed.end(), [&](const Placed& other) {
        return Overlap(Room(other), room) <= allowed_overlap;
      });
      if (!fits) continue;
      placed.push_back(candidate);
      break;
    }
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return a.ground.y < b.ground.y; });
  return placed;
}

// Nearly normal with mean 0 and variance 1: the sum of four 16-bit uniforms of one draw (Irwin-Hall), exact
// integers and many times faster than a logarithm a pixel.
double QuickNormal(RandomStream& random) {
  const std::uint64_t bits = random();
  const auto sum =
      static_cast<double>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
  return (sum - 2 * 65535.0) / (65536.0 * 0.5773502691896258);
}

// The camera's column offsets, grey values.
std::vector<double> FixedPattern(const SyntheticOptions& options) {
  RandomStream random = RandomStream(options.seed).Split("synthetic camera");
  std::vector<double> columns;
  for (int x = 0; x < options.width; ++x)
    columns.push_back(255 * options.fixed_pattern * QuickNormal(random));
  return columns;
}

// Heat to grey value: optics, then sensor.
cv::Mat Expose(const cv::Mat& heat, const SyntheticOptions& options, RandomStream& random) {
  const std::vector<double> columns = FixedPattern(options);
  cv::Mat seen = heat;
  if (options.blur > 0) cv::GaussianBlur(heat, seen, {0, 0}, options.blur);
  cv::Mat picture(seen.size(), CV_8U);
  const double noise = 255 * options.noise;
  for (int y = 0; y < seen.rows; ++y) {
    for (int x = 0; x < seen.cols; ++x) {
      const double value = static_cast<double>(seen.at<float>(y, x)) + columns[static_cast<std::size_t>(x)] +
                           noise * QuickNormal(random);
      picture.at<unsigned char>(y, x) =
          static_cast<unsigned char>(std::lround(std::clamp(value, 0.0, 255.0)));
    }
  }
  return picture;
}

Mask RunLengths(const cv::Mat& silhouette) {
  Mask mask{silhouette.rows, silhouette.cols, {0}};
  bool inside = false;
  for (int x = 0; x < silhouette.cols; ++x) {
    for (int y = 0; y < silhouette.rows; ++y) {
      if ((silhouette.at<unsigned char>(y, x) != 0) != inside) {
        inside = !inside;
        mask.runs.push_back(0);
      }
      ++mask.runs.back();
    }
  }
  return mask;
}

std::string Encoded(const cv::Mat& picture, const std::string& format) {
  std::vector<unsigned char> bytes;
  cv::imencode("." + format, picture, bytes);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

PaintedScene PaintScene(const SyntheticOptions& options, int image) {
  const RandomStream root =
      RandomStream(options.seed).Split("synthetic image").Split(static_cast<std::uint64_t>(image));
  RandomStream look = root.Split("street");
  RandomStream place = root.Split("place");
  RandomStream noise = root.Split("noise");
  PaintedScene scene;
  scene.night = root.Split("night").Chance(options.night_share);
  const Heat heat = DrawHeat(scene.night, options.heat_contrast, look);
  Canvas canvas(options.width, options.height);
  const Street street = DrawStreet(heat, options.object_size, look, canvas);

  const std::vector<Placed> objects = Place(options, street, place);
  std::vector<Canvas::Extent> whole;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Placed& object = objects[i];
    RandomStream figure = root.Split("figure").Split(i);
    DrawContact(object.figure, object.ground, object.pixels_per_metre, heat, canvas);
    canvas.Begin(static_cast<int>(i) + 1);
    DrawFigure(object.figure, object.ground, object.pixels_per_metre, heat, figure, canvas);
    whole.push_back(canvas.End());
    if (figure.Chance(options.occlusion))
      DrawOccluder(whole.back().box, object.ground.y, heat, figure, canvas);
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Canvas::Extent visible = canvas.Visible(static_cast<int>(i) + 1);
    if (visible.pixels < kVisibleShare * whole[i].pixels) continue;
    if (visible.box.width < kVisibleSide_px || visible.box.height < kVisibleSide_px) continue;
    scene.objects.push_back(
        {objects[i].figure,
         {visible.box.x, visible.box.y, visible.box.width, visible.box.height},
         options.masks ? RunLengths(canvas.Silhouette(static_cast<int>(i) + 1)) : Mask{}});
  }
  scene.file = Encoded(Expose(canvas.Picture(), options, noise), options.format);
  return scene;
}

}  // namespace yoake::datasets
