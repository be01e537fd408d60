#include "trainer/augment/tone_curve.h"
#include "trainer/augment/transforms.h"

namespace yoake::trainer {

// Another setting of a thermal camera's gain and level: x * (1 +- gain) +- offset * 255, all channels alike.
TransformType GainType() {
  return {.name = "gain",
          .params = {Prob(), {.name = "gain", .value = 0.3}, {.name = "offset", .value = 0.1}},
          .make = [](const TransformParams& params) {
            return [most = params.at("gain"), most_offset = params.at("offset")](const TransformInput& in,
                                                                                 Sample* sample) {
              const double gain = in.random->Uniform(1 - most, 1 + most);
              const double offset = in.random->Uniform(-most_offset, most_offset) * 255;
              ToneCurve curve;
              for (std::size_t level = 0; level < curve.size(); ++level) {
                curve[level] = static_cast<double>(level) * gain + offset;
              }
              ApplyToneCurve(curve, sample);
            };
          }};
}

}  // namespace yoake::trainer
