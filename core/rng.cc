#include "core/rng.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace yoake {
namespace {

// One step of SplitMix64 (Steele, Lea and Flood, 2014): a bijection that scatters near-by inputs.
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// FNV-1a, 64 bits.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed) : name_(seed) {
  std::uint64_t x = seed;
  for (std::uint64_t& word : state_) word = x = Mix(x);
}

RandomStream RandomStream::Split(std::string_view purpose) const {
  return RandomStream(Mix(name_ ^ Mix(Hash(purpose))));
}

RandomStream RandomStream::Split(std::uint64_t number) const {
  return RandomStream(Mix(name_ + 0xd1342543de82ef95u * (number + 1)));
}

RandomStream::result_type RandomStream::operator()() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double RandomStream::Uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

double RandomStream::Uniform(double low, double high) { return low + (high - low) * Uniform(); }

std::uint64_t RandomStream::Below(std::uint64_t n) {
  const std::uint64_t limit =
      max() - max() % n;  // Draws at or past the last whole multiple of n are redrawn.
  std::uint64_t draw = (*this)();
  while (draw >= limit) draw = (*this)();
  return draw % n;
}

std::int64_t RandomStream::Int(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(high - low) + 1));
}

bool RandomStream::Chance(double probability) { return Uniform() < probability; }

double RandomStream::Normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * Uniform());
}

}  // namespace yoake
