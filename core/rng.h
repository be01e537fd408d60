#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace yoake {

// A deterministic random stream with a name. Every random choice in yoake comes from a stream that was split
// off the study's seed by purpose and number:
//
//   RandomStream root(seed);
//   RandomStream augment = root.Split("augment").Split(trial_number);
//
// Split() depends on the stream's name alone, not on how many numbers were drawn from it, so adding a draw in
// one place never changes another, and a resumed study draws what an uninterrupted one would have drawn.
// The numbers are the same on every machine and with every standard library (no std:: distributions).
// Generator: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64 of the name's hash.
// Not thread-safe: give every thread a stream of its own.
class RandomStream {
 public:
  using result_type = std::uint64_t;

  explicit RandomStream(std::uint64_t seed);

  RandomStream Split(std::string_view purpose) const;
  RandomStream Split(std::uint64_t number) const;

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~std::uint64_t{0}; }
  result_type operator()();

  double Uniform();                                       // [0, 1), 53 random bits.
  double Uniform(double low, double high);                // [low, high).
  std::uint64_t Below(std::uint64_t n);                   // 0 .. n-1, unbiased; n > 0.
  std::int64_t Int(std::int64_t low, std::int64_t high);  // low .. high, both included.
  bool Chance(double probability);                        // true with the given probability.
  double Normal();                                        // Mean 0, variance 1 (Box-Muller, no state kept).

  // Fisher-Yates.
  template <typename T>
  void Shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i)]);
  }

 private:
  std::uint64_t name_;
  std::uint64_t state_[4];
};

}  // namespace yoake
