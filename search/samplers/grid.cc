#include "search/samplers/grid.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "search/samplers/random.h"

namespace yoake::search {
namespace {

constexpr std::size_t kMaxPoints = 100000;

void CheckPoints(const std::string& name, int points) {
  if (points >= 1) return;
  throw Error(ErrorKind::kConfig,
              "the grid's 'n' must be at least 1 for " + name + ", it is " + std::to_string(points));
}

[[noreturn]] void FailTooLarge() {
  throw Error(ErrorKind::kConfig, "the grid has more than " + std::to_string(kMaxPoints) +
                                      " points; give fewer 'n', larger steps, or use the sampler \"random\"");
}

// `n` evenly spaced values of the range, each once.
std::vector<double> Spread(const NumericRange& range, int n) {
  const double low = range.log ? std::log(range.low) : range.low;
  const double high = range.log ? std::log(range.high) : range.high;
  std::vector<double> values;
  for (int i = 0; i < n; ++i) {
    const double t = n == 1 ? 0.5 : static_cast<double>(i) / (n - 1);
    const double x = low + t * (high - low);
    double value = Snap(range, range.log ? std::exp(x) : x);
    if (n > 1 && i == 0) value = range.low;  // The ends exactly, not through logarithm and back.
    if (n > 1 && i + 1 == n) value = range.high;
    if (values.empty() || value != values.back()) values.push_back(value);
  }
  return values;
}

std::vector<double> ValuesOf(const SpaceEntry& entry, const GridOptions& options) {
  std::vector<double> values;
  if (const auto* d = std::get_if<CategoricalDistribution>(&entry.distribution)) {
    for (std::size_t i = 0; i < d->choices.size(); ++i) values.push_back(static_cast<double>(i));
    return values;
  }
  const NumericRange range = *AsNumeric(entry.distribution);
  if (const auto named = options.points.find(entry.name); named != options.points.end()) {
    return Spread(range, named->second);
  }
  if (range.low == range.high) return {range.low};
  if (range.step == 0) {
    if (options.continuous_points) return Spread(range, *options.continuous_points);
    throw Error(
        ErrorKind::kConfig,
        "the grid needs a number of points for the continuous parameter: give it a 'step', or the sampler "
        "\"n\": {\"" +
            entry.name + "\": 5}",
        "the space's parameter '" + entry.name + "'");
  }
  const double count = std::round((range.high - range.low) / range.step) + 1;
  if (count > static_cast<double>(kMaxPoints)) FailTooLarge();
  for (int i = 0; i < static_cast<int>(count); ++i) values.push_back(Snap(range, range.low + i * range.step));
  return values;
}

// Walks the space's entries depth first; every leaf is a point.
class Enumeration {
 public:
  Enumeration(const SearchSpace& space, const GridOptions& options) : entries_(space.entries()) {
    for (const auto& [name, unused] : options.points) {
      if (const SpaceEntry* entry = space.Find(name); entry == nullptr) {
        std::vector<std::string> names;
        for (const SpaceEntry& known : entries_) names.push_back(known.name);
        throw Error(ErrorKind::kConfig, "the grid's 'n' names '" + name +
                                            "', which is no parameter of the space" +
                                            DidYouMean(name, names));
      } else if (!AsNumeric(entry->distribution)) {
        throw Error(ErrorKind::kConfig, "the grid's 'n' names the categorical parameter '" + name +
                                            "', which is tried at every choice; remove it");
      }
    }
    for (const SpaceEntry& entry : entries_) values_.push_back(ValuesOf(entry, options));
  }

  std::size_t Count() {
    Walk(kMaxPoints + 1);
    if (passed_ > kMaxPoints) FailTooLarge();
    return passed_;
  }

  // The point number `index`, below Count().
  ParamSet At(std::size_t index) {
    Walk(index);
    return current_;
  }

 private:
  void Walk(std::size_t last) {
    last_ = last;
    passed_ = 0;
    current_.clear();
    Visit(0);
  }

  // True when the walk has come to the point it was to end at.
  bool Visit(std::size_t depth) {
    if (depth == entries_.size()) return passed_ == last_ || (++passed_, false);
    const SpaceEntry& entry = entries_[depth];
    if (!SearchSpace::IsActive(entry, current_)) return Visit(depth + 1);
    Param& param = current_[entry.name];
    param.distribution = entry.distribution;
    for (const double value : values_[depth]) {
      param.internal = value;
      if (Visit(depth + 1)) return true;
    }
    current_.erase(entry.name);
    return false;
  }

  const std::vector<SpaceEntry>& entries_;
  std::vector<std::vector<double>> values_;  // One list an entry.
  ParamSet current_;
  std::size_t passed_ = 0;
  std::size_t last_ = 0;
};

class GridSampler final : public Sampler {
 public:
  explicit GridSampler(GridOptions options)
      : options_(std::move(options)), past_the_end_(MakeRandomSampler()) {}

  Suggestion Suggest(const SearchSpace& space, const History& history, int trial_number,
                     RandomStream stream) const override {
    Enumeration grid(space, options_);
    std::vector<std::size_t> order(grid.Count());
    const auto index = static_cast<std::size_t>(trial_number);
    if (index >= order.size()) return past_the_end_->Suggest(space, history, trial_number, stream);
    std::iota(order.begin(), order.end(), std::size_t{0});
    RandomStream(options_.seed).Split("grid").Shuffle(order);
    return {grid.At(order[index]), {}};
  }

 private:
  GridOptions options_;
  std::unique_ptr<Sampler> past_the_end_;
};

}  // namespace

void GridOptions::Validate() const {
  if (continuous_points) CheckPoints("continuous parameters", *continuous_points);
  for (const auto& [name, n] : points) CheckPoints("'" + name + "'", n);
}

std::unique_ptr<Sampler> MakeGridSampler(GridOptions options) {
  options.Validate();
  return std::make_unique<GridSampler>(std::move(options));
}

std::unique_ptr<Sampler> MakeGridSampler(const JsonReader& reader) {
  GridOptions options;
  if (const auto n = reader.Find("n")) {
    if (n->value().is_object()) {
      for (const auto& [name, points] : n->AsMap()) options.points[name] = points.AsInt32();
    } else {
      options.continuous_points = n->AsInt32();
    }
  }
  reader.Read("seed", &options.seed);
  reader.Finish();
  try {
    return MakeGridSampler(options);
  } catch (const Error& error) {
    reader.Fail(error.message());
  }
}

}  // namespace yoake::search
