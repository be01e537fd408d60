#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/rng.h"

namespace yoake::search {

// Sequences that fill the unit cube more evenly than random points, addressed by index: a coordinate is a
// pure function of (stream, index, dimension), so workers and resumed studies need no shared state.

// Sobol's sequence with the direction numbers of Joe and Kuo (2008, new-joe-kuo-6), nested-uniformly (Owen)
// scrambled by hashing (Burley, 2020). Any 2^m points of one aligned block 2^m k .. 2^m (k+1) - 1 have
// exactly one coordinate in each of the 2^m equal intervals, in every dimension. From dimension 64 on the
// directions repeat under a scramble of their own, which still is even in each dimension by itself.
// The index counts as 32 bits.
class SobolSequence {
 public:
  static constexpr std::size_t kDimensions = 64;

  // The scramble is drawn from `stream`.
  SobolSequence(std::size_t dimensions, const RandomStream& stream);

  std::size_t dimensions() const { return scrambles_.size(); }

  // In (0, 1), a multiple of 2^-32 plus a half of it. `dimension` may lie beyond dimensions().
  double At(std::uint32_t index, std::size_t dimension) const;
  std::vector<double> Point(std::uint32_t index) const;

  // The published sequence before scrambling: bits of index select directions (binary, not Gray-code order),
  // the result times 2^-32 is the coordinate. dimension < kDimensions.
  static std::uint32_t Unscrambled(std::uint32_t index, std::size_t dimension);

 private:
  std::vector<std::uint32_t> scrambles_;
};

// Halton's sequence: dimension d is the radical inverse in the d-th prime, its digits permuted at random, one
// permutation a digit's place (Owen, 2017), which breaks the correlations that large primes have.
class HaltonSequence {
 public:
  HaltonSequence(std::size_t dimensions, const RandomStream& stream);

  std::size_t dimensions() const { return digits_.size(); }

  // In [0, 1).
  double At(std::uint32_t index, std::size_t dimension) const;
  std::vector<double> Point(std::uint32_t index) const;

 private:
  struct Digits {
    std::uint32_t base = 2;
    std::vector<std::vector<std::uint32_t>> permutations;  // [place][digit].
  };
  std::vector<Digits> digits_;
};

}  // namespace yoake::search
