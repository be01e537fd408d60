#pragma once

#include <optional>
#include <string>

#include "datasets/image_file.h"
#include "datasets/synthetic_painter.h"

namespace cv {
class Mat;
}

namespace yoake::datasets {

// All that needs OpenCV lies in a module of its own (libyoake_pictures.so), which is loaded at the first
// picture: with it come 160 shared libraries and a pool of BLAS threads, which a command without pictures
// (`yoake --help`, `yoake eval`) should not pay. What the module exports:
struct PictureModule {
  // Decodes a file's bytes to 8-bit BGR; leaves *image empty when they are no image, or a JPEG that breaks
  // off before its end mark (the decoder would fill the rest up with grey). Both sides see the same OpenCV
  // core, so its types may cross.
  void (*decode)(const std::string& bytes, cv::Mat* image);

  // Of what decode gives.
  std::optional<ImageSize> (*size)(const std::string& bytes);

  // Encodes by extension (".png"); leaves *bytes empty when there is no such encoder.
  void (*encode)(const std::string& extension, const cv::Mat& image, std::string* bytes);

  decltype(&PaintScene) paint;
};

// Throws Error{kInternal} when the module does not lie beside the program. Safe on several threads.
const PictureModule& Pictures();

}  // namespace yoake::datasets
