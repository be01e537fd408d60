#include "search/samplers/dense.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

// Wider vectors where the machine has them, chosen when the program starts. Not contracted to fused
// operations, so every version gives the same bits. Sanitizers cannot run what chooses.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define YOAKE_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define YOAKE_WIDE
#endif

namespace yoake::search {

YOAKE_WIDE void AddRows(double* target, std::size_t length, const WeightedRows& r, double sign) {
  std::size_t k = 0;
  for (; k + 4 <= r.count; k += 4) {
    const double* row = r.rows + k * r.stride;
    const double* factor = r.factors + k * r.factor_stride;
    const double a = sign * factor[0], b = sign * factor[r.factor_stride],
                 c = sign * factor[2 * r.factor_stride], d = sign * factor[3 * r.factor_stride];
    const double *p = row, *q = row + r.stride, *s = row + 2 * r.stride, *t = row + 3 * r.stride;
    for (std::size_t j = 0; j < length; ++j) target[j] += (a * p[j] + b * q[j]) + (c * s[j] + d * t[j]);
  }
  for (; k < r.count; ++k) {
    const double* row = r.rows + k * r.stride;
    const double factor = sign * r.factors[k * r.factor_stride];
    for (std::size_t j = 0; j < length; ++j) target[j] += factor * row[j];
  }
}

YOAKE_WIDE double Dot(const double* a, const double* b, std::size_t length) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  }
  double rest = 0;
  for (; i < length; ++i) rest += a[i] * b[i];
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7])) +
         rest;
}

YOAKE_WIDE void AddNormalTerms(double* target, std::size_t length, double x, const double* center,
                               const double* factor, const double* constant) {
  for (std::size_t k = 0; k < length; ++k) {
    const double z = (x - center[k]) * factor[k];
    target[k] += constant[k] - 0.5 * z * z;
  }
}

YOAKE_WIDE double Sum(const double* x, std::size_t length) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += x[i + lane];
  }
  double rest = 0;
  for (; i < length; ++i) rest += x[i];
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7])) +
         rest;
}

YOAKE_WIDE void ExpInPlace(double* x, std::size_t length) {
  // x = k ln 2 + r, |r| <= ln 2 / 2; e^r by its series to r^13. Adding and taking away 1.5 * 2^52 rounds to
  // an integer, which then stands in the sum's last bits.
  constexpr double kShift = 0x1.8p52, kLog2E = 0x1.71547652b82fep0;
  constexpr double kLn2High = 0x1.62e42fefa3800p-1, kLn2Low = 0x1.ef35793c76730p-45;
  for (std::size_t i = 0; i < length; ++i) {
    const double v = x[i] < -700 ? -700 : x[i];
    const double shifted = v * kLog2E + kShift;
    const double k = shifted - kShift;
    const double r = (v - k * kLn2High) - k * kLn2Low;
    double sum = 1.0 / 6227020800;
    sum = sum * r + 1.0 / 479001600;
    sum = sum * r + 1.0 / 39916800;
    sum = sum * r + 1.0 / 3628800;
    sum = sum * r + 1.0 / 362880;
    sum = sum * r + 1.0 / 40320;
    sum = sum * r + 1.0 / 5040;
    sum = sum * r + 1.0 / 720;
    sum = sum * r + 1.0 / 120;
    sum = sum * r + 1.0 / 24;
    sum = sum * r + 1.0 / 6;
    sum = sum * r + 0.5;
    sum = (sum * r) * r + r;
    const std::uint64_t power = (std::bit_cast<std::uint64_t>(shifted) + 1023) << 52;
    x[i] = (1 + sum) * std::bit_cast<double>(power);
  }
}

bool CholeskyInPlace(Matrix* k) {
  Matrix& u = *k;
  const std::size_t n = u.rows();
  for (std::size_t i = 0; i < n; ++i) {
    AddRows(u[i] + i, n - i, {u[0] + i, n, u[0] + i, n, i}, -1);
    const double pivot = u[i][i];
    if (!(pivot > 0) || !std::isfinite(pivot)) return false;
    const double inverse = 1 / std::sqrt(pivot);
    for (std::size_t j = i; j < n; ++j) u[i][j] *= inverse;
  }
  return true;
}

Matrix InvertTransposed(const Matrix& upper) {
  const std::size_t n = upper.rows();
  Matrix w(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    w[i][i] = 1;
    AddRows(w[i], i, {w[0], n, upper[0] + i, n, i}, -1);
    const double inverse = 1 / upper[i][i];
    for (std::size_t j = 0; j <= i; ++j) w[i][j] *= inverse;
  }
  return w;
}

Matrix GramOfLower(const Matrix& w) {
  const std::size_t n = w.rows();
  Matrix gram(n, n);
  for (std::size_t a = 0; a < n; ++a) AddRows(gram[a], a + 1, {w[a], n, w[a] + a, n, n - a});
  return gram;
}

}  // namespace yoake::search
