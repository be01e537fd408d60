#include "metrics/uncertainty/packed_matches.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>

#include "core/error.h"

namespace yoake::metrics {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string ToBase64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      word = word << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? kAlphabet[word >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

[[noreturn]] void Damaged() {
  throw Error(ErrorKind::kData,
              "packed matches are damaged: write the baseline again with --update-baseline");
}

std::string FromBase64(std::string_view text) {
  std::array<int, 256> digit;
  digit.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digit[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
  }
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = digit[static_cast<unsigned char>(c)];
    if (value < 0) Damaged();
    word = word << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(word >> bits & 255);
  }
  return bytes;
}

void Put(std::uint64_t number, std::string* bytes) {
  for (; number >= 128; number >>= 7) *bytes += static_cast<char>(number | 128);
  *bytes += static_cast<char>(number);
}

// Reads LEB128 integers from the front.
class Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }

  std::uint64_t Take() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) Damaged();
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      number |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return number;
    }
    Damaged();
  }

 private:
  std::string_view bytes_;
};

struct Pattern {
  std::uint32_t rank = 0;  // 0, 1 or 10: the lowest of its class.
  std::uint64_t true_positive = 0;
  std::uint64_t ignored = 0;

  auto operator<=>(const Pattern&) const = default;
};

Pattern PatternOf(const MatchedDetection& detection) {
  // The rank of what is no true positive anywhere means nothing.
  const std::uint32_t rank =
      detection.true_positive == 0 ? 0 : (detection.rank >= 10 ? 10 : (detection.rank >= 1 ? 1 : 0));
  return {rank, detection.true_positive, detection.ignored};
}

// Up to the last true positive; the stretches without one ordered by pattern and image.
std::vector<MatchedDetection> Ordered(std::vector<MatchedDetection> detections) {
  while (!detections.empty() && detections.back().true_positive == 0) detections.pop_back();
  for (auto begin = detections.begin(); begin != detections.end(); ++begin) {
    const auto end =
        std::find_if(begin, detections.end(), [](const auto& d) { return d.true_positive != 0; });
    std::sort(begin, end, [](const MatchedDetection& a, const MatchedDetection& b) {
      return std::tie(a.image, a.ignored) < std::tie(b.image, b.ignored);
    });
    begin = end;  // A true positive: the trimmed list ends in one.
  }
  return detections;
}

}  // namespace

std::string PackMatches(const std::vector<MatchedDetection>& detections) {
  const std::vector<MatchedDetection> kept = Ordered(detections);
  std::map<Pattern, std::size_t> uses;
  for (const MatchedDetection& detection : kept) ++uses[PatternOf(detection)];
  std::vector<Pattern> patterns;  // The most used first: their numbers are the shortest.
  for (const auto& [pattern, unused] : uses) patterns.push_back(pattern);
  std::stable_sort(patterns.begin(), patterns.end(),
                   [&](const Pattern& a, const Pattern& b) { return uses[a] > uses[b]; });
  std::map<Pattern, std::size_t> number_of;
  std::string bytes;
  Put(patterns.size(), &bytes);
  for (const Pattern& pattern : patterns) {
    number_of[pattern] = number_of.size();
    Put(pattern.rank, &bytes);
    Put(pattern.true_positive, &bytes);
    Put(pattern.ignored, &bytes);
  }
  std::int64_t image = 0;
  for (const MatchedDetection& detection : kept) {
    Put(number_of[PatternOf(detection)], &bytes);
    const std::int64_t step = detection.image - image;
    Put(static_cast<std::uint64_t>(step < 0 ? -2 * step - 1 : 2 * step), &bytes);
    image = detection.image;
  }
  return ToBase64(bytes);
}

std::vector<MatchedDetection> UnpackMatches(std::string_view packed, std::size_t images) {
  const std::string bytes = FromBase64(packed);
  Source source(bytes);
  const std::uint64_t count = source.Take();
  if (count > bytes.size()) Damaged();
  std::vector<Pattern> patterns(count);
  for (Pattern& pattern : patterns) {
    pattern.rank = static_cast<std::uint32_t>(source.Take());
    pattern.true_positive = source.Take();
    pattern.ignored = source.Take();
  }
  std::vector<MatchedDetection> detections;
  std::int64_t image = 0;
  while (!source.empty()) {
    const std::uint64_t number = source.Take();
    const std::uint64_t zigzag = source.Take();
    if (number >= patterns.size() || zigzag > 2 * images) Damaged();
    const auto half = static_cast<std::int64_t>(zigzag / 2);
    image += zigzag % 2 == 0 ? half : -half - 1;
    if (image < 0 || image >= static_cast<std::int64_t>(images)) Damaged();
    MatchedDetection detection;
    detection.score = -static_cast<double>(detections.size());
    detection.true_positive = patterns[number].true_positive;
    detection.ignored = patterns[number].ignored;
    detection.image = static_cast<std::uint32_t>(image);
    detection.rank = patterns[number].rank;
    detections.push_back(detection);
  }
  return detections;
}

}  // namespace yoake::metrics
