#pragma once

#include <string>
#include <vector>

#include "core/rng.h"
#include "datasets/dataset.h"
#include "metrics/detections.h"

namespace yoake::metrics {

// Detectors whose true quality is known, because any amount of data can be drawn for them: images are taken
// from a real truth set, with replacement, and a detector is a way of spoiling their boxes. Two detectors
// meet the same images and find the same ones hard, as real ones do.

struct SimulatedDetector {
  double miss = -1.4;        // Log-odds that a box of ordinary difficulty is missed.
  double shake = 0.09;       // Standard deviation of centre and size, as a share of the size.
  double false_boxes = 1;    // Mean number an image of ordinary difficulty.
  double score_noise = 0.8;  // Standard deviation of the score's log-odds.
  double duplicates = 0.05;  // Chance that a found box is found once more, worse.
};

struct SimulationOptions {
  // Every box is given one of these categories by chance, in these shares; what is left of 1 is dropped.
  std::vector<std::string> categories;
  std::vector<double> shares;

  bool clumped = false;  // One draw an image instead of one a box: rare categories come in crowds.

  double image_difficulty = 0.7;  // Standard deviation, log-odds, of what all boxes of an image share,
  double box_difficulty = 0.7;    // and of what is a box's own; both the same for every detector.

  // Images are frames of drives, so many of each one after another; 1: every image for itself. The frames of
  // a drive share a difficulty that all detectors meet, and how well each detector gets on with that drive.
  int frames = 1;
  double drive_difficulty = 0.7;  // Standard deviations, log-odds.
  double drive_luck = 0.4;
};

struct Simulation {
  datasets::Dataset truth;
  std::vector<std::vector<Detection>> detections;  // [detectors]
};

// `images` images drawn from `base`; each has its own stream, so more images are the same ones and some more.
Simulation Simulate(const datasets::Dataset& base, int images, const SimulationOptions& options,
                    const std::vector<SimulatedDetector>& detectors, const RandomStream& stream);

// The shares that give about so many boxes of each category in a set of `images` images.
std::vector<double> SharesFor(const datasets::Dataset& base, int images, const std::vector<double>& boxes);

}  // namespace yoake::metrics
