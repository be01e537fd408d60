#include "trainer/models/batch_norm_silu_kernel.h"

#include <cstddef>

// Generic vectors of 16 floats, lowered by the compiler to what the target has; passing them between inlined
// functions is no ABI matter.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace yoake::trainer {

namespace baseline {
#include "trainer/models/batch_norm_silu_kernel.inc"
constexpr NormSiluKernels kKernels = {Moments, Forward, GradientSums, Backward, "baseline"};
}  // namespace baseline

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define YOAKE_X86_KERNELS 1

#pragma GCC push_options
#pragma GCC target("avx2")
namespace avx2 {
#include "trainer/models/batch_norm_silu_kernel.inc"
constexpr NormSiluKernels kKernels = {Moments, Forward, GradientSums, Backward, "avx2"};
}  // namespace avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
namespace avx512 {
#include "trainer/models/batch_norm_silu_kernel.inc"
constexpr NormSiluKernels kKernels = {Moments, Forward, GradientSums, Backward, "avx512"};
}  // namespace avx512
#pragma GCC pop_options
#endif

const NormSiluKernels& BaselineNormSiluKernels() { return baseline::kKernels; }

const NormSiluKernels& BestNormSiluKernels() {
#ifdef YOAKE_X86_KERNELS
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return avx512::kKernels;
  }
  if (__builtin_cpu_supports("avx2")) return avx2::kKernels;
#endif
  return baseline::kKernels;
}

}  // namespace yoake::trainer
