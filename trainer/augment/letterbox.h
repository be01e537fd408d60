#pragma once

#include <opencv2/core/mat.hpp>

#include "trainer/augment/sample.h"

namespace yoake::trainer {

// Megvii's preproc (yolox/data/data_augment.py): the image is scaled to fit a square, keeping its shape, and
// lies in the top-left corner; the rest is grey. A source pixel x lies at x * LetterboxScale().

// min(size / width, size / height).
double LetterboxScale(int width, int height, int size);

// The scaled image, bilinear, without padding: at most size x size, at least one pixel.
cv::Mat ScaleToFit(const cv::Mat& image, int size);

// Copies the image into the top-left corner of a size x size square. Boxes stay as they are.
void PadToSquare(int size, Sample* sample);

}  // namespace yoake::trainer
