#pragma once

#include <cstddef>
#include <vector>

namespace yoake::search {

// A square matrix by rows; small ones, some dozens of rows.
using SquareMatrix = std::vector<std::vector<double>>;
SquareMatrix Identity(std::size_t n);

struct Eigen {
  std::vector<double> values;  // In no particular order.
  SquareMatrix vectors;        // Columns, orthonormal: matrix = vectors diag(values) vectors^T.
};

// Of a symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, 8.5): slow for large matrices,
// accurate and the same on every machine.
Eigen DecomposeSymmetric(SquareMatrix matrix);

}  // namespace yoake::search
