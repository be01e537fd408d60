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

// The same for a panel of kPanel rows that lie `stride` apart:
// target[t * stride + j] += sign * sum_k factor_k,t * row_k[j]; the factors of one k lie side by side.
constexpr std::size_t kPanel = 4;
void AddRowsToPanel(double* target, std::size_t length, const WeightedRows& rows, double sign = 1);

double Dot(const double* a, const double* b, std::size_t length);

// Four rows' target[row][k] -= ((x[row] - center[k]) * factor[k])^2.
void SubtractSquares(double* const target[4], std::size_t length, const double x[4], const double* center,
                     const double* factor);

// ln sum_k e^x[k]; x is used up.
double LogSumExp(double* x, std::size_t length);

double Sum(const double* x, std::size_t length);

// x[i] = exp(x[i]) to within two units in the last place, for x <= 0 (below -700: e^-700).
void ExpInPlace(double* x, std::size_t length);

// z[i] = erfc(z[i]) for 0 <= z <= 26, to within 5e-16 and 3e-13 of itself.
void ErfcInPlace(double* z, std::size_t length);

// The upper factor U of K = U^T U in place of K, whose upper half alone is read. False when K is not positive
// definite.
bool CholeskyInPlace(Matrix* k);

// U^-T, lower triangular, zeros above, into a matrix of U's size.
void InvertTransposed(const Matrix& upper, Matrix* inverse);

// The lower half of W^T W for a lower triangular W, into a matrix of its size: the inverse of K when
// W = U^-T.
void GramOfLower(const Matrix& w, Matrix* gram);

}  // namespace yoake::search
