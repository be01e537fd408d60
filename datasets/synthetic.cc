#include "datasets/synthetic.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/atomic_file.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "datasets/picture_module.h"
#include "datasets/variants.h"

namespace yoake::datasets {
namespace {

constexpr const char* kCategoryNames[] = {"person", "car", "bicycle"};

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
  reader.Read("masks", &options.masks);
  reader.Read("format", &options.format);
  reader.Finish();
  options.Validate();
  return options;
}

Dataset GenerateSynthetic(const SyntheticOptions& options, const std::filesystem::path& out_folder) {
  options.Validate();
  const std::filesystem::path file = out_folder / "annotations.json";
  Dataset dataset;
  dataset.name = "synthetic";
  dataset.sources = {file.string()};
  for (std::int64_t i = 0; i < 3; ++i)
    dataset.categories.push_back({CategoryId{i + 1}, kCategoryNames[i], ""});
  for (int i = 0; i < options.images; ++i) {
    const PaintedScene scene = Pictures().paint(options, i);
    const std::string name = fmt::format("{:06}{}.{}", i, scene.night ? "_night" : "_day", options.format);
    const ImageId id{i + 1};
    dataset.images.push_back({id, name, out_folder / "images" / name, options.width, options.height, 0});
    WriteFileAtomically(dataset.images.back().path, scene.file);
    for (const auto& [figure, box, mask] : scene.objects) {
      const AnnotationId number{static_cast<std::int64_t>(dataset.annotations.size()) + 1};
      const CategoryId category{static_cast<std::int64_t>(figure) + 1};
      const double area = options.masks ? static_cast<double>(MaskArea(mask)) : box.area();
      dataset.annotations.push_back({number, id, category, box, area, false});
      if (options.masks) dataset.masks.push_back(mask);
    }
  }
  WriteCoco(dataset, file);
  return dataset;
}

}  // namespace yoake::datasets
