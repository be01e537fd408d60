#pragma once

#include <cstdint>

namespace yoake::trainer {

// The loops under BatchNormSilu, one set an instruction set. All take contiguous float rows of `width`
// columns, width a multiple of 16; per-column arrays have `width` entries. `count` is the number of floats
// and may end within a row. Where channels are no multiple of 16 the caller joins rows until they are (see
// RowsPerTile).
//   z = (x - mean) * scale + bias,  y = z * sigmoid(z)
struct NormSiluKernels {
  // sum += x - pivot, square += (x - pivot)^2 over all rows.
  void (*moments)(const float* x, std::int64_t count, std::int64_t width, const float* pivot, float* sum,
                  float* square);
  // y may be x.
  void (*forward)(const float* x, std::int64_t count, std::int64_t width, const float* mean,
                  const float* scale, const float* bias, float* y);
  // With dz = dy * silu'(z): sum += dz, product += dz * (x - mean).
  void (*gradient_sums)(const float* x, const float* dy, std::int64_t count, std::int64_t width,
                        const float* mean, const float* scale, const float* bias, float* sum, float* product);
  // dx = scale * dz - offset - slope * (x - mean).
  void (*backward)(const float* x, const float* dy, std::int64_t count, std::int64_t width, const float* mean,
                   const float* scale, const float* bias, const float* offset, const float* slope, float* dx);
  const char* name;
};

// The best set that this CPU runs. All sets give the same bits (no fused multiply-add).
const NormSiluKernels& BestNormSiluKernels();

// The 16-lane loops in plain SSE2, for comparison in tests.
const NormSiluKernels& BaselineNormSiluKernels();

}  // namespace yoake::trainer
