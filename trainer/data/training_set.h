#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "trainer/augment/sample.h"
#include "trainer/data/image_cache.h"

namespace yoake::trainer {

// An image to train on. Boxes in source pixels; crowds and boxes without area inside the image are left out.
struct TrainingImage {
  datasets::Image image;
  std::vector<LabeledBox> boxes;
  std::vector<datasets::Mask> masks{};  // Of the boxes, without runs where there is none; empty: of no box.
};

struct TrainingSet {
  std::vector<std::string> categories;  // Label -> name, in the dataset's order.
  std::vector<TrainingImage> images;    // In the dataset's order; those without boxes are kept (background).
  std::vector<double> weights;          // By image: how often it is drawn; 1 unless told otherwise.
  std::vector<std::string> warnings;    // What was left out and why, in plain words.
};

// Throws Error{kData, where} when there is nothing to learn from.
TrainingSet MakeTrainingSet(const datasets::Dataset& dataset, const std::string& where);

// The image scaled to the input, not padded, and its boxes clipped to it, in scaled pixels.
Sample LoadSample(const TrainingImage& image, ImageCache* cache);

}  // namespace yoake::trainer
