#include "search/symmetric_eigen.h"

#include <cmath>

namespace yoake::search {
namespace {

constexpr int kMaxSweeps = 60;  // Some eight are enough in practice.

struct Rotation {
  double c;
  double s;
};

// The rotation in the plane (p, q) that makes matrix[p][q] vanish.
Rotation Annihilate(const SquareMatrix& matrix, std::size_t p, std::size_t q) {
  const double tau = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
  const double t = (tau >= 0 ? 1 : -1) / (std::abs(tau) + std::hypot(1, tau));
  const double c = 1 / std::hypot(1, t);
  return {c, t * c};
}

void RotateColumns(SquareMatrix* matrix, std::size_t p, std::size_t q, const Rotation& r) {
  for (auto& row : *matrix) {
    const double a = row[p], b = row[q];
    row[p] = r.c * a - r.s * b;
    row[q] = r.s * a + r.c * b;
  }
}

void RotateRows(SquareMatrix* matrix, std::size_t p, std::size_t q, const Rotation& r) {
  for (std::size_t k = 0; k < matrix->size(); ++k) {
    const double a = (*matrix)[p][k], b = (*matrix)[q][k];
    (*matrix)[p][k] = r.c * a - r.s * b;
    (*matrix)[q][k] = r.s * a + r.c * b;
  }
}

bool IsNegligible(const SquareMatrix& matrix, std::size_t p, std::size_t q) {
  return std::abs(matrix[p][q]) <= 1e-17 * std::sqrt(std::abs(matrix[p][p] * matrix[q][q]));
}

}  // namespace

SquareMatrix Identity(std::size_t n) {
  SquareMatrix matrix(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) matrix[i][i] = 1;
  return matrix;
}

Eigen DecomposeSymmetric(SquareMatrix matrix) {
  const std::size_t n = matrix.size();
  Eigen eigen{{}, Identity(n)};
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    bool done = true;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (IsNegligible(matrix, p, q)) continue;
        done = false;
        const Rotation rotation = Annihilate(matrix, p, q);
        RotateColumns(&matrix, p, q, rotation);
        RotateRows(&matrix, p, q, rotation);
        RotateColumns(&eigen.vectors, p, q, rotation);
      }
    }
    if (done) break;
  }
  for (std::size_t i = 0; i < n; ++i) eigen.values.push_back(matrix[i][i]);
  return eigen;
}

}  // namespace yoake::search
