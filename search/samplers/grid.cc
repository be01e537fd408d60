#include "search/samplers/grid.h"

#include <cmath>
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
    const double value = Snap(range, range.log ? std::exp(x) : x);
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

// Walks the space's entries depth first and collects one ParamSet a leaf.
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
    Visit(0);
  }

  std::vector<ParamSet> TakePoints() { return std::move(points_); }

 private:
  void Visit(std::size_t depth) {
    if (depth == entries_.size()) {
      if (points_.size() == kMaxPoints) FailTooLarge();
      points_.push_back(current_);
      return;
    }
    const SpaceEntry& entry = entries_[depth];
    if (!SearchSpace::IsActive(entry, current_)) return Visit(depth + 1);
    for (const double value : values_[depth]) {
      current_[entry.name] = {entry.distribution, value};
      Visit(depth + 1);
    }
    current_.erase(entry.name);
  }

  const std::vector<SpaceEntry>& entries_;
  std::vector<std::vector<double>> values_;
  ParamSet current_;
  std::vector<ParamSet> points_;
};

class GridSampler final : public Sampler {
 public:
  explicit GridSampler(GridOptions options)
      : options_(std::move(options)), past_the_end_(MakeRandomSampler()) {}

  Suggestion Suggest(const SearchSpace& space, const History& history, int trial_number,
                     RandomStream stream) const override {
    std::vector<ParamSet> points = Enumeration(space, options_).TakePoints();
    const auto index = static_cast<std::size_t>(trial_number);
    if (index >= points.size()) return past_the_end_->Suggest(space, history, trial_number, stream);
    std::vector<std::size_t> order(points.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    RandomStream(options_.seed).Split("grid").Shuffle(order);
    return {std::move(points[order[index]]), {}};
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
