#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "datasets/dataset.h"

namespace yoake::datasets {

// Generated street scenes as a thermal camera sees them: grey value is heat. Persons (warm head and hands,
// clothed body), cars (engine, tyres, cold glass) and bicycles (with a rider, or parked) stand on a street in
// perspective, in front of sky, buildings, trees and lamps. Enough like the real thing that a small detector
// learns it within a minute, and that turning a knob is a domain shift: for demos and tests without data.
struct SyntheticOptions {
  // Number of images. Image i does not depend on it: more images are the same ones and some more.
  int images = 200;

  // Picture size in pixels, 64 to 4096 each.
  int width = 320;
  int height = 256;

  // Another seed makes other scenes, and another camera (its fixed pattern). Use one seed for a training set
  // and another for its test set, or split one set.
  std::uint64_t seed = 0;

  // Range of the number of objects put into an image. Some may drop out again behind others.
  int objects_min = 2;
  int objects_max = 6;

  // Scale of the objects, 0.2 to 2. At 1 and 256 pixels height, persons are about 25 to 110 pixels tall.
  // Smaller is harder; it is as if the camera stood farther away.
  double object_size = 1;

  // How far the objects' heat stands out from the ground, 0.05 to 1.5; 1 is a clear night or a sunny day,
  // 0.3 is hard for a human too.
  double heat_contrast = 1;

  // Standard deviation of the sensor's noise, as a share of the full range, 0 to 0.5. 0.015 is a good
  // camera, 0.06 a bad one.
  double noise = 0.015;

  // Standard deviation of the camera's fixed pattern (column offsets, the same in every image), likewise.
  double fixed_pattern = 0.008;

  // Standard deviation of the optical blur in pixels, 0 to 8.
  double blur = 0.7;

  // Chance in [0, 1] that something (pole, bush, wall) stands in front of an object; objects may also overlap
  // each other the more, the higher it is.
  double occlusion = 0.15;

  // Share of the images taken by night, 0 to 1. By night persons and engines glow on cold ground and car
  // bodies are dark; by day ground, walls and car bodies are hot and persons stand out little.
  double night_share = 0.5;

  // Whether annotations have a segmentation: the pixels of the object that can be seen, as run lengths; their
  // area is then the number of those pixels, not the box's.
  bool masks = false;

  // "png" (exact) or "jpg" (quality 90, about a third of the size).
  std::string format = "png";

  void Validate() const;  // Throws Error{kConfig} naming field and range.
};

// Ready-made options: "mixed" (the defaults), "day", "night", "hard" (small, faint, noisy, hidden).
std::vector<std::string> SyntheticPresets();
SyntheticOptions SyntheticPreset(const std::string& name);  // Throws Error{kConfig} with a did-you-mean.

// {"preset": name, "images": 100, "noise": 0.03, ...}: keys are the fields' names, laid over the preset.
SyntheticOptions ParseSyntheticOptions(const JsonReader& reader);

// Writes <out_folder>/images/000000_night.png, 000001_day.png, ... and <out_folder>/annotations.json (COCO;
// categories person, car, bicycle with ids 1 to 3) and returns that dataset. The same options
// give the same bytes. A box covers what can be seen of its object: the part inside the image and not behind
// others. A bicycle's box holds its rider, who has no box of their own. Objects of which less than 30 % (or
// less than 6 pixels of a side) can be seen get no box. Throws Error{kIo} when a file cannot be written.
Dataset GenerateSynthetic(const SyntheticOptions& options, const std::filesystem::path& out_folder);

}  // namespace yoake::datasets
