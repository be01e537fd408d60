#include "search/samplers/dense.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "search/samplers/wide.h"

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

YOAKE_WIDE void AddRowsToPanel(double* target, std::size_t length, const WeightedRows& r, double sign) {
  for (std::size_t k = 0; k < r.count; k += kPanel) {
    // Rows past the last count nothing.
    double f[kPanel][kPanel];
    const double* row[kPanel];
    for (std::size_t i = 0; i < kPanel; ++i) {
      const bool there = k + i < r.count;
      row[i] = r.rows + (there ? k + i : k) * r.stride;
      for (std::size_t t = 0; t < kPanel; ++t)
        f[i][t] = there ? sign * r.factors[(k + i) * r.factor_stride + t] : 0;
    }
    const double *a = row[0], *b = row[1], *c = row[2], *d = row[3];
    double *p = target, *q = p + r.stride, *s = q + r.stride, *t = s + r.stride;
    YOAKE_INDEPENDENT
    for (std::size_t j = 0; j < length; ++j) {
      const double w = a[j], x = b[j], y = c[j], z = d[j];
      p[j] += (f[0][0] * w + f[1][0] * x) + (f[2][0] * y + f[3][0] * z);
      q[j] += (f[0][1] * w + f[1][1] * x) + (f[2][1] * y + f[3][1] * z);
      s[j] += (f[0][2] * w + f[1][2] * x) + (f[2][2] * y + f[3][2] * z);
      t[j] += (f[0][3] * w + f[1][3] * x) + (f[2][3] * y + f[3][3] * z);
    }
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

YOAKE_WIDE void SubtractSquares(double* const target[4], std::size_t length, const double x[4],
                                const double* center, const double* factor) {
  double *p = target[0], *q = target[1], *s = target[2], *t = target[3];
  const double a = x[0], b = x[1], c = x[2], d = x[3];
  YOAKE_INDEPENDENT
  for (std::size_t k = 0; k < length; ++k) {
    const double za = (a - center[k]) * factor[k], zb = (b - center[k]) * factor[k];
    const double zc = (c - center[k]) * factor[k], zd = (d - center[k]) * factor[k];
    p[k] -= za * za;
    q[k] -= zb * zb;
    s[k] -= zc * zc;
    t[k] -= zd * zd;
  }
}

YOAKE_WIDE double Largest(const double* x, std::size_t length) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes];
  std::fill(lanes, lanes + kLanes, x[0]);
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
  }
  double largest = *std::max_element(lanes, lanes + kLanes);
  for (; i < length; ++i) largest = std::max(largest, x[i]);
  return largest;
}

YOAKE_WIDE void Shift(double* x, std::size_t length, double by) {
  for (std::size_t i = 0; i < length; ++i) x[i] -= by;
}

double LogSumExp(double* x, std::size_t length) {
  const double largest = Largest(x, length);
  if (!std::isfinite(largest)) return largest;
  Shift(x, length, largest);
  ExpInPlace(x, length);
  return largest + std::log(Sum(x, length));
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

namespace {

constexpr std::size_t kErfcBlock = 64;

// At most a block of ln( erfc(z) / t ) and t = 2 / (2 + z), by a Chebyshev series in t (Press et al., 2007,
// Numerical Recipes, 6.2.2).
YOAKE_WIDE void ErfcSeries(const double* z, double* log_ratio, double* t, std::size_t length) {
  constexpr double kSeries[] = {-1.3026537197817094,
                                6.4196979235649026e-1,
                                1.9476473204185836e-2,
                                -9.561514786808631e-3,
                                -9.46595344482036e-4,
                                3.66839497852761e-4,
                                4.2523324806907e-5,
                                -2.0278578112534e-5,
                                -1.624290004647e-6,
                                1.303655835580e-6,
                                1.5626441722e-8,
                                -8.5238095915e-8,
                                6.529054439e-9,
                                5.059343495e-9,
                                -9.91364156e-10,
                                -2.27365122e-10,
                                9.6467911e-11,
                                2.394038e-12,
                                -6.886027e-12,
                                8.94487e-13,
                                3.13092e-13,
                                -1.12708e-13,
                                3.81e-16,
                                7.106e-15,
                                -1.523e-15,
                                -9.4e-17,
                                1.21e-16,
                                -2.8e-17};
  double y[kErfcBlock], d[kErfcBlock], before[kErfcBlock];
  for (std::size_t i = 0; i < length; ++i) {
    t[i] = 2 / (2 + z[i]);
    y[i] = 4 * t[i] - 2;
    d[i] = before[i] = 0;
  }
  for (std::size_t j = std::size(kSeries) - 1; j > 0; --j) {
    for (std::size_t i = 0; i < length; ++i) {
      const double next = y[i] * d[i] - before[i] + kSeries[j];
      before[i] = d[i];
      d[i] = next;
    }
  }
  for (std::size_t i = 0; i < length; ++i)
    log_ratio[i] = 0.5 * (kSeries[0] + y[i] * d[i]) - before[i] - z[i] * z[i];
}

}  // namespace

void ErfcInPlace(double* z, std::size_t length) {
  double exponent[kErfcBlock], t[kErfcBlock];
  for (std::size_t first = 0; first < length; first += kErfcBlock) {
    const std::size_t count = std::min(kErfcBlock, length - first);
    ErfcSeries(z + first, exponent, t, count);
    ExpInPlace(exponent, count);
    for (std::size_t i = 0; i < count; ++i) z[first + i] = t[i] * exponent[i];
  }
}

bool CholeskyInPlace(Matrix* k) {
  Matrix& u = *k;
  const std::size_t n = u.rows();
  for (std::size_t first = 0; first < n; first += kPanel) {
    const bool whole = first + kPanel <= n;
    if (whole) AddRowsToPanel(u[first] + first, n - first, {u[0] + first, n, u[0] + first, n, first}, -1);
    for (std::size_t i = first; i < std::min(first + kPanel, n); ++i) {
      const std::size_t done = whole ? first : 0;
      AddRows(u[i] + i, n - i, {u[done] + i, n, u[done] + i, n, i - done}, -1);
      const double pivot = u[i][i];
      if (!(pivot > 0) || !std::isfinite(pivot)) return false;
      const double inverse = 1 / std::sqrt(pivot);
      for (std::size_t j = i; j < n; ++j) u[i][j] *= inverse;
    }
  }
  return true;
}

void InvertTransposed(const Matrix& upper, Matrix* inverse) {
  constexpr std::size_t kBlock = 4 * kPanel;  // Rows of w that are treated as equally long.
  Matrix& w = *inverse;
  const std::size_t n = upper.rows();
  for (std::size_t first = 0; first < n; first += kPanel) {
    const bool whole = first + kPanel <= n;
    for (std::size_t i = first; i < std::min(first + kPanel, n); ++i) std::fill(w[i], w[i] + n, 0);
    for (std::size_t k = 0; whole && k < first; k += kBlock) {
      const std::size_t end = std::min(k + kBlock, first);
      AddRowsToPanel(w[first], end, {w[k], n, upper[k] + first, n, end - k}, -1);
    }
    for (std::size_t i = first; i < std::min(first + kPanel, n); ++i) {
      const std::size_t done = whole ? first : 0;
      w[i][i] = 1;
      AddRows(w[i], i, {w[done], n, upper[done] + i, n, i - done}, -1);
      const double scale = 1 / upper[i][i];
      for (std::size_t j = 0; j <= i; ++j) w[i][j] *= scale;
    }
  }
}

void GramOfLower(const Matrix& w, Matrix* gram) {
  const std::size_t n = w.rows();
  for (std::size_t a = 0; a < n; ++a) std::fill((*gram)[a], (*gram)[a] + n, 0);
  std::size_t a = 0;
  for (; a + kPanel <= n; a += kPanel)  // Zeros above the diagonal of w count nothing.
    AddRowsToPanel((*gram)[a], a + kPanel, {w[a], n, w[a] + a, n, n - a}, 1);
  for (; a < n; ++a) AddRows((*gram)[a], a + 1, {w[a], n, w[a] + a, n, n - a});
}

}  // namespace yoake::search
