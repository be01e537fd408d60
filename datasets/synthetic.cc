#include "datasets/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/rng.h"
#include "datasets/image_io.h"
#include "datasets/synthetic_scene.h"
#include "datasets/variants.h"

namespace yoake::datasets {
namespace {

constexpr const char* kCategoryNames[] = {"person", "car", "bicycle"};
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
cv::Mat Expose(const cv::Mat& heat, const SyntheticOptions& options, const std::vector<double>& columns,
               RandomStream& random) {
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

struct Scene {
  bool night = false;
  cv::Mat picture;
  std::vector<std::pair<Figure, Box>> boxes;
};

Scene DrawScene(const SyntheticOptions& options, const std::vector<double>& columns, RandomStream root) {
  RandomStream look = root.Split("street");
  RandomStream place = root.Split("place");
  RandomStream noise = root.Split("noise");
  Scene scene;
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
    scene.boxes.emplace_back(objects[i].figure,
                             Box{visible.box.x, visible.box.y, visible.box.width, visible.box.height});
  }
  scene.picture = Expose(canvas.Picture(), options, columns, noise);
  return scene;
}

void CheckRange(const char* field, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw Error(ErrorKind::kConfig,
              fmt::format("{} must lie between {} and {}, got {}", field, low, high, value));
}

}  // namespace

void SyntheticOptions::Validate() const {
  CheckRange("images", images, 1, 1000000);
  CheckRange("width", width, 64, 4096);
  CheckRange("height", height, 64, 4096);
  CheckRange("objects_min", objects_min, 0, 100);
  CheckRange("objects_max", objects_max, objects_min, 100);
  CheckRange("object_size", object_size, 0.2, 2);
  CheckRange("heat_contrast", heat_contrast, 0.05, 1.5);
  CheckRange("noise", noise, 0, 0.5);
  CheckRange("fixed_pattern", fixed_pattern, 0, 0.5);
  CheckRange("blur", blur, 0, 8);
  CheckRange("occlusion", occlusion, 0, 1);
  CheckRange("night_share", night_share, 0, 1);
  if (format != "png" && format != "jpg") {
    throw Error(ErrorKind::kConfig, "format must be 'png' or 'jpg', got '" + format + "'");
  }
}

std::vector<std::string> SyntheticPresets() { return {"mixed", "day", "night", "hard"}; }

SyntheticOptions SyntheticPreset(const std::string& name) {
  SyntheticOptions options;
  if (name == "mixed") return options;
  if (name == "day" || name == "night") {
    options.night_share = name == "night" ? 1 : 0;
    return options;
  }
  if (name == "hard") {
    options.object_size = 0.6;
    options.heat_contrast = 0.6;
    options.noise = 0.04;
    options.fixed_pattern = 0.02;
    options.blur = 1.2;
    options.occlusion = 0.5;
    return options;
  }
  throw Error(ErrorKind::kConfig, "there is no preset '" + name + "'" + DidYouMean(name, SyntheticPresets()));
}

SyntheticOptions ParseSyntheticOptions(const JsonReader& reader) {
  std::string preset = "mixed";
  reader.Read("preset", &preset);
  SyntheticOptions options = SyntheticPreset(preset);
  reader.Read("images", &options.images);
  reader.Read("width", &options.width);
  reader.Read("height", &options.height);
  reader.Read("seed", &options.seed);
  reader.Read("objects_min", &options.objects_min);
  reader.Read("objects_max", &options.objects_max);
  reader.Read("object_size", &options.object_size);
  reader.Read("heat_contrast", &options.heat_contrast);
  reader.Read("noise", &options.noise);
  reader.Read("fixed_pattern", &options.fixed_pattern);
  reader.Read("blur", &options.blur);
  reader.Read("occlusion", &options.occlusion);
  reader.Read("night_share", &options.night_share);
  reader.Read("format", &options.format);
  reader.Finish();
  options.Validate();
  return options;
}

Dataset GenerateSynthetic(const SyntheticOptions& options, const std::filesystem::path& out_folder) {
  options.Validate();
  const std::filesystem::path file = out_folder / "annotations.json";
  const std::vector<double> columns = FixedPattern(options);
  Dataset dataset;
  dataset.name = "synthetic";
  dataset.sources = {file.string()};
  for (std::int64_t i = 0; i < 3; ++i)
    dataset.categories.push_back({CategoryId{i + 1}, kCategoryNames[i], ""});
  for (int i = 0; i < options.images; ++i) {
    const RandomStream root =
        RandomStream(options.seed).Split("synthetic image").Split(static_cast<std::uint64_t>(i));
    const Scene scene = DrawScene(options, columns, root);
    const std::string name = fmt::format("{:06}{}.{}", i, scene.night ? "_night" : "_day", options.format);
    const ImageId id{i + 1};
    dataset.images.push_back({id, name, out_folder / "images" / name, options.width, options.height, 0});
    WriteImage(dataset.images.back().path, scene.picture);
    for (const auto& [figure, box] : scene.boxes) {
      const AnnotationId number{static_cast<std::int64_t>(dataset.annotations.size()) + 1};
      const CategoryId category{static_cast<std::int64_t>(figure) + 1};
      dataset.annotations.push_back({number, id, category, box, box.area(), false});
    }
  }
  WriteCoco(dataset, file);
  return dataset;
}

}  // namespace yoake::datasets
