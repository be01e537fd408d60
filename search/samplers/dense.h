#pragma once

#include <cstddef>
#include <vector>

namespace yoake::search {

// Small dense matrices in double, row-major. Every sum has one order, whatever the width of the machine's
// vectors, so results are the same everywhere.
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns) : columns_(columns), data_(rows * columns) {}

  std::size_t rows() const { return columns_ == 0 ? 0 : data_.size() / columns_; }
  std::size_t columns() const { return columns_; }
  double* operator[](std::size_t row) { return data_.data() + row * columns_; }
  const double* operator[](std::size_t row) const { return data_.data() + row * columns_; }

 private:
  std::size_t columns_ = 0;
  std::vector<double> data_;
};

// `count` rows of `stride` doubles each, and a factor for each.
struct WeightedRows {
  const double* rows = nullptr;
  std::size_t stride = 0;
  const double* factors = nullptr;
  std::size_t factor_stride = 1;
  std::size_t count = 0;
};

// target[j] += sign * sum_k factor_k * row_k[j], j < length.
void AddRows(double* target, std::size_t length, const WeightedRows& rows, double sign = 1);

double Dot(const double* a, const double* b, std::size_t length);

// target[k] += constant[k] - ((x - center[k]) * factor[k])^2 / 2: a row of normal log-densities.
void AddNormalTerms(double* target, std::size_t length, double x, const double* center, const double* factor,
                    const double* constant);

double Sum(const double* x, std::size_t length);

// x[i] = exp(x[i]) to within two units in the last place, for x <= 0 (below -700: e^-700).
void ExpInPlace(double* x, std::size_t length);

// The upper factor U of K = U^T U in place of K, whose upper half alone is read. False when K is not positive
// definite.
bool CholeskyInPlace(Matrix* k);

// U^-T, lower triangular, zeros above.
Matrix InvertTransposed(const Matrix& upper);

// The lower half of W^T W for a lower triangular W: the inverse of K when W = U^-T.
Matrix GramOfLower(const Matrix& w);

}  // namespace yoake::search
