#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace yoake::metrics {

// Eight numbers that go the same way at once. Written with the vector types that GCC and Clang have for every
// processor (plain loops over arrays stay scalar under GCC 12), in pieces of 16 bytes: the registers that all
// 64-bit x86 and ARM have.
inline constexpr std::size_t kLanes = 8;

// One weight a lane, 0 to 65535.
struct alignas(16) LaneWeight {
  std::array<std::uint16_t, kLanes> lane{};
};

struct LaneCounts {
  using Part [[gnu::vector_size(16)]] = std::int32_t;
  Part part[2] = {};

  std::int32_t operator[](std::size_t lane) const { return part[lane / 4][lane % 4]; }
  void Set(std::size_t lane, std::int32_t value) { part[lane / 4][lane % 4] = value; }

  void operator+=(const LaneCounts& other) {
    for (std::size_t i = 0; i < 2; ++i) part[i] += other.part[i];
  }
  void operator-=(const LaneCounts& other) {
    for (std::size_t i = 0; i < 2; ++i) part[i] -= other.part[i];
  }
  void operator*=(std::int32_t factor) {
    for (std::size_t i = 0; i < 2; ++i) part[i] *= factor;
  }
  void operator+=(const LaneWeight& weight) {
    using Narrow [[gnu::vector_size(16)]] = std::uint16_t;
    using Wide [[gnu::vector_size(32)]] = std::int32_t;
    *this += std::bit_cast<LaneCounts>(__builtin_convertvector(std::bit_cast<Narrow>(weight), Wide));
  }
};

struct LaneReals {
  using Part [[gnu::vector_size(16)]] = double;
  Part part[4] = {};

  LaneReals() = default;
  explicit LaneReals(const LaneCounts& counts) {
    using Wide [[gnu::vector_size(32)]] = double;
    struct Halves {
      Part half[2];
    };
    for (std::size_t i = 0; i < 2; ++i) {
      const auto halves = std::bit_cast<Halves>(__builtin_convertvector(counts.part[i], Wide));
      part[2 * i] = halves.half[0];
      part[2 * i + 1] = halves.half[1];
    }
  }

  double operator[](std::size_t lane) const { return part[lane / 2][lane % 2]; }
  void Set(std::size_t lane, double value) { part[lane / 2][lane % 2] = value; }

  void operator+=(const LaneReals& other) {
    for (std::size_t i = 0; i < 4; ++i) part[i] += other.part[i];
  }
  void operator+=(double number) {
    for (std::size_t i = 0; i < 4; ++i) part[i] += number;
  }
  void operator/=(const LaneReals& other) {
    for (std::size_t i = 0; i < 4; ++i) part[i] /= other.part[i];
  }
  void RaiseTo(const LaneReals& other) {
    for (std::size_t i = 0; i < 4; ++i) part[i] = other.part[i] > part[i] ? other.part[i] : part[i];
  }
};

// Whether a <= b in any lane.
inline bool AnyAtMost(const LaneCounts& a, const LaneCounts& b) {
  const LaneCounts::Part at_most = (a.part[0] <= b.part[0]) | (a.part[1] <= b.part[1]);
  const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(at_most);
  return (words[0] | words[1]) != 0;
}

}  // namespace yoake::metrics
