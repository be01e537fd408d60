#pragma once

#include <opencv2/core/mat.hpp>
#include <string>

// What the image codec module exports (image_codecs.cc) and image_io.cc looks up by name. Both sides see the
// same OpenCV core, so its types may cross. No exception crosses.
extern "C" {

// Decodes a file's bytes to 8-bit BGR; leaves *image empty when they are no image.
void yoake_decode_image(const std::string& bytes, cv::Mat* image);

// Encodes by extension (".png"); leaves *bytes empty when there is no such encoder.
void yoake_encode_image(const std::string& extension, const cv::Mat& image, std::string* bytes);
}
