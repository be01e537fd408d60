#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "trainer/augment/tone_curve.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

// Plateau equalisation, the automatic gain control of many thermal cameras (Vickers, 1996): a level gets as
// much of the output's range as it has pixels, but no level counts for more than `plateau` of all of them.
ToneCurve Equalised(const cv::Mat& image, double plateau) {
  cv::Mat grey;
  cv::cvtColor(image, grey, cv::COLOR_BGR2GRAY);
  std::array<double, 256> counts{};
  for (int row = 0; row < grey.rows; ++row) {
    const auto* pixels = grey.ptr<unsigned char>(row);
    for (int column = 0; column < grey.cols; ++column) ++counts[pixels[column]];
  }
  ToneCurve curve;
  double below = 0;
  for (std::size_t level = 0; level < counts.size(); ++level) {
    const double count = std::min(counts[level], plateau * static_cast<double>(grey.total()));
    curve[level] = below + count / 2;  // The middle of a level's range.
    below += count;
  }
  for (double& value : curve) value *= 255 / below;
  return curve;
}

}  // namespace

// The picture as another camera's gain control would show it, mixed with what it was.
TransformType HistogramType() {
  return {
      .name = "histogram",
      .params = {Prob(), {.name = "strength", .value = 1}, {.name = "plateau", .value = 0.02, .low = 0.001}},
      .make = [](const TransformParams& params) {
        return [most = params.at("strength"), plateau = params.at("plateau")](const TransformInput& in,
                                                                              Sample* sample) {
          const double strength = in.random->Uniform(0, most);
          ToneCurve curve = Equalised(sample->image, plateau);
          for (std::size_t level = 0; level < curve.size(); ++level) {
            curve[level] =
                static_cast<double>(level) + strength * (curve[level] - static_cast<double>(level));
          }
          ApplyToneCurve(curve, sample);
        };
      }};
}

}  // namespace yoake::trainer
