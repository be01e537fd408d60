#include <opencv2/core.hpp>
#include <vector>

#include "trainer/augment/transforms.h"

namespace yoake::trainer {
namespace {

// Nearly normal, mean 0, deviation 1, at most 3.5: the sum of four random bytes. Two a draw; thirty times as
// fast as RandomStream::Normal, and a pixel needs no tails.
class QuickNormal {
 public:
  explicit QuickNormal(RandomStream* random) : random_(random) {}

  float operator()() {
    if (left_ == 0) {
      bits_ = (*random_)();
      left_ = 2;
    }
    int sum = 0;
    for (int i = 0; i < 4; ++i, bits_ >>= 8) sum += static_cast<int>(bits_ & 255);
    --left_;
    return static_cast<float>(sum - 510) * (1 / 147.80f);  // sqrt(4 * (256^2 - 1) / 12).
  }

 private:
  RandomStream* random_;
  std::uint64_t bits_ = 0;
  int left_ = 0;
};

}  // namespace

// A sensor's noise, the same on all channels: `sigma` each pixel by itself, `columns` each column as a whole
// (an uncooled camera's fixed pattern). Shares of the full range, each drawn anew up to the given one.
TransformType NoiseType() {
  return {.name = "noise",
          .params = {Prob(),
                     {.name = "sigma", .value = 0.03, .high = 0.5},
                     {.name = "columns", .value = 0.01, .high = 0.5}},
          .make = [](const TransformParams& params) {
            return [most = params.at("sigma"), most_columns = params.at("columns")](const TransformInput& in,
                                                                                    Sample* sample) {
              const auto sigma = static_cast<float>(in.random->Uniform(0, most) * 255);
              const auto column_sigma = static_cast<float>(in.random->Uniform(0, most_columns) * 255);
              QuickNormal normal(in.random);
              std::vector<float> pattern(static_cast<std::size_t>(sample->image.cols));
              for (float& offset : pattern) offset = column_sigma * normal();
              cv::Mat noisy(sample->image.size(), CV_8UC3);
              for (int row = 0; row < noisy.rows; ++row) {
                const auto* from = sample->image.ptr<cv::Vec3b>(row);
                auto* to = noisy.ptr<cv::Vec3b>(row);
                for (int column = 0; column < noisy.cols; ++column) {
                  const int noise = cvRound(pattern[static_cast<std::size_t>(column)] + sigma * normal());
                  for (int channel = 0; channel < 3; ++channel) {
                    to[column][channel] = cv::saturate_cast<unsigned char>(from[column][channel] + noise);
                  }
                }
              }
              sample->image = noisy;
            };
          }};
}

}  // namespace yoake::trainer
