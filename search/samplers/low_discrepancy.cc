#include "search/samplers/low_discrepancy.h"

#include <cmath>
#include <numeric>

namespace yoake::search {
namespace {

constexpr std::size_t kBits = 32;
constexpr std::size_t kMaxDegree = 9;

// A primitive polynomial over GF(2), x^degree + .. + 1 with the inner coefficients as bits of `inner`, and
// the free initial direction numbers m_1 .. m_degree.
struct Polynomial {
  std::uint32_t degree;
  std::uint32_t inner;
  std::array<std::uint32_t, kMaxDegree> initial;
};

// Lines 2 to 64 of new-joe-kuo-6.21201 (S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
// two-dimensional projections", SIAM J. Sci. Comput. 30, 2008).
constexpr Polynomial kPolynomials[SobolSequence::kDimensions - 1] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
    {7, 50, {1, 3, 1, 3, 5, 53, 69}},
    {7, 55, {1, 1, 5, 5, 23, 33, 13}},
    {7, 56, {1, 1, 7, 7, 1, 61, 123}},
    {7, 59, {1, 1, 7, 9, 13, 61, 49}},
    {7, 62, {1, 3, 3, 5, 3, 55, 33}},
    {8, 14, {1, 3, 1, 15, 31, 13, 49, 245}},
    {8, 21, {1, 3, 5, 15, 31, 59, 63, 97}},
    {8, 22, {1, 3, 1, 11, 11, 11, 77, 249}},
    {8, 38, {1, 3, 1, 11, 27, 43, 71, 9}},
    {8, 47, {1, 1, 7, 15, 21, 11, 81, 45}},
    {8, 49, {1, 3, 7, 3, 25, 31, 65, 79}},
    {8, 50, {1, 3, 1, 1, 19, 11, 3, 205}},
    {8, 52, {1, 1, 5, 9, 19, 21, 29, 157}},
    {8, 56, {1, 3, 7, 11, 1, 33, 89, 185}},
    {8, 67, {1, 3, 3, 3, 15, 9, 79, 71}},
    {8, 70, {1, 3, 7, 11, 15, 39, 119, 27}},
    {8, 84, {1, 1, 3, 1, 11, 31, 97, 225}},
    {8, 97, {1, 1, 1, 3, 23, 43, 57, 177}},
    {8, 103, {1, 3, 7, 7, 17, 17, 37, 71}},
    {8, 115, {1, 3, 1, 5, 27, 63, 123, 213}},
    {8, 122, {1, 1, 3, 5, 11, 43, 53, 133}},
    {9, 8, {1, 3, 5, 5, 29, 17, 47, 173, 479}},
    {9, 13, {1, 3, 3, 11, 3, 1, 109, 9, 69}},
    {9, 16, {1, 1, 1, 5, 17, 39, 23, 5, 343}},
    {9, 22, {1, 3, 1, 5, 25, 15, 31, 103, 499}},
    {9, 25, {1, 1, 1, 11, 11, 17, 63, 105, 183}},
    {9, 44, {1, 1, 5, 11, 9, 29, 97, 231, 363}},
    {9, 47, {1, 1, 5, 15, 19, 45, 41, 7, 383}},
    {9, 52, {1, 3, 7, 7, 31, 19, 83, 137, 221}},
    {9, 55, {1, 1, 1, 3, 23, 15, 111, 223, 83}},
    {9, 59, {1, 1, 5, 13, 31, 15, 55, 25, 161}},
    {9, 62, {1, 1, 3, 13, 25, 47, 39, 87, 257}},
};

using Directions = std::array<std::uint32_t, kBits>;

constexpr Directions VanDerCorput() {
  Directions v{};
  for (std::size_t i = 0; i < kBits; ++i) v[i] = std::uint32_t{1} << (31 - i);
  return v;
}

// Bratley and Fox, 1988, eq. 2 in integers: v_i = a_1 v_{i-1} ^ .. ^ v_{i-s} ^ (v_{i-s} >> s).
constexpr Directions DirectionsOf(const Polynomial& p) {
  Directions v{};
  for (std::size_t i = 0; i < kBits; ++i) {
    if (i < p.degree) {
      v[i] = p.initial[i] << (31 - i);
      continue;
    }
    v[i] = v[i - p.degree] ^ (v[i - p.degree] >> p.degree);
    for (std::size_t k = 1; k < p.degree; ++k) {
      if ((p.inner >> (p.degree - 1 - k) & 1) != 0) v[i] ^= v[i - k];
    }
  }
  return v;
}

constexpr std::array<Directions, SobolSequence::kDimensions> AllDirections() {
  std::array<Directions, SobolSequence::kDimensions> all{};
  all[0] = VanDerCorput();
  for (std::size_t d = 1; d < all.size(); ++d) all[d] = DirectionsOf(kPolynomials[d - 1]);
  return all;
}

constexpr std::array<Directions, SobolSequence::kDimensions> kDirectionNumbers = AllDirections();

constexpr std::uint32_t ReverseBits(std::uint32_t x) {
  x = (x >> 16) | (x << 16);
  x = ((x & 0x00ff00ffu) << 8) | ((x & 0xff00ff00u) >> 8);
  x = ((x & 0x0f0f0f0fu) << 4) | ((x & 0xf0f0f0f0u) >> 4);
  x = ((x & 0x33333333u) << 2) | ((x & 0xccccccccu) >> 2);
  return ((x & 0x55555555u) << 1) | ((x & 0xaaaaaaaau) >> 1);
}

// Each bit is flipped as a hash of the higher ones says. On the reversed word every step lets a bit depend on
// lower ones only (Laine and Karras, 2011; constants by N. Vegdahl, found by search).
std::uint32_t OwenScramble(std::uint32_t x, std::uint32_t seed) {
  x = ReverseBits(x);
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16) | 1;
  x ^= x * 0x05526c56u;
  x ^= x * 0x53a22864u;
  return ReverseBits(x);
}

std::uint32_t NextPrime(std::uint32_t after) {
  for (std::uint32_t n = after + 1;; ++n) {
    bool prime = true;
    for (std::uint32_t d = 2; d * d <= n && prime; ++d) prime = n % d != 0;
    if (prime) return n;
  }
}

}  // namespace

SobolSequence::SobolSequence(std::size_t dimensions, const RandomStream& stream) {
  for (std::size_t d = 0; d < dimensions; ++d) {
    scrambles_.push_back(static_cast<std::uint32_t>(stream.Split("sobol").Split(d)()));
  }
}

std::uint32_t SobolSequence::Unscrambled(std::uint32_t index, std::size_t dimension) {
  const Directions& directions = kDirectionNumbers[dimension];
  std::uint32_t x = 0;
  for (std::size_t bit = 0; index != 0; ++bit, index >>= 1) {
    if ((index & 1) != 0) x ^= directions[bit];
  }
  return x;
}

double SobolSequence::At(std::uint32_t index, std::size_t dimension) const {
  const std::uint32_t x = Unscrambled(index, dimension % kDimensions);
  return (OwenScramble(x, scrambles_[dimension]) + 0.5) * 0x1p-32;
}

std::vector<double> SobolSequence::Point(std::uint32_t index) const {
  std::vector<double> point(dimensions());
  for (std::size_t d = 0; d < point.size(); ++d) point[d] = At(index, d);
  return point;
}

HaltonSequence::HaltonSequence(std::size_t dimensions, const RandomStream& stream) : digits_(dimensions) {
  std::uint32_t prime = 1;
  for (std::size_t d = 0; d < dimensions; ++d) {
    digits_[d].base = prime = NextPrime(prime);
    RandomStream draws = stream.Split("halton").Split(d);
    for (double reach = 1; reach < 0x1p32; reach *= prime) {  // Leading zeros are permuted as well.
      auto& permutation = digits_[d].permutations.emplace_back(prime);
      std::iota(permutation.begin(), permutation.end(), 0u);
      draws.Shuffle(permutation);
    }
  }
}

double HaltonSequence::At(std::uint32_t index, std::size_t dimension) const {
  const Digits& digits = digits_[dimension];
  double x = 0;
  double unit = 1;
  for (const auto& permutation : digits.permutations) {
    unit /= digits.base;
    x += permutation[index % digits.base] * unit;
    index /= digits.base;
  }
  return x;
}

std::vector<double> HaltonSequence::Point(std::uint32_t index) const {
  std::vector<double> point(dimensions());
  for (std::size_t d = 0; d < point.size(); ++d) point[d] = At(index, d);
  return point;
}

}  // namespace yoake::search
