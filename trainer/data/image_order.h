#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trainer/data/training_set.h"

namespace yoake::trainer {

// Which images an epoch takes. An image's weight says how often it is drawn beside the others; an epoch has
// the same number of steps whatever the weights, so that trainings are compared at equal steps.

// Repeat factors (Gupta et al. 2019, LVIS, section "Repeat factor sampling"; mmdetection's
// ClassBalancedDataset): the largest max(1, sqrt(oversample_thr / f)) of an image's categories, f being the
// share of images with the category. All 1 with a threshold of 0.
std::vector<double> RepeatFactors(const TrainingSet& set, double oversample_thr);

// "bicycle: images drawn 1.7 times as often", a line for each category whose images are.
std::vector<std::string> RepeatText(const TrainingSet& set, double oversample_thr);

// Steps of an epoch: every image once on average. Batches are always full: the shuffled passes over the set
// are laid end to end and cut into batches, so an epoch's last batch may begin the next pass.
std::int64_t StepsPerEpoch(std::size_t images, int batch);

// The images of an epoch (from 0) in order of use, StepsPerEpoch * batch of them. A pass has as many entries
// as there are images; each image comes n * weight / sum times in it, rounded up or down.
std::vector<int> EpochOrder(const std::vector<double>& weights, int batch, std::uint64_t seed, int epoch);

}  // namespace yoake::trainer
