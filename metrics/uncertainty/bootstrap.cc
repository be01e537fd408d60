#include "metrics/uncertainty/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <regex>

#include "core/error.h"
#include "core/parallel.h"
#include "core/rng.h"

namespace yoake::metrics {
namespace {

using UnitWeights = std::vector<std::uint16_t>;  // [units]

// As many units as there are, drawn with replacement.
UnitWeights DrawUnits(std::uint32_t count, RandomStream random) {
  UnitWeights weights(count, 0);
  for (std::uint32_t i = 0; i < count; ++i) ++weights[random.Below(count)];
  return weights;
}

// Groups of units for the jackknife, random so that neighbours in the list do not share a group.
std::vector<std::uint32_t> GroupUnits(std::uint32_t units, std::uint32_t groups, RandomStream random) {
  std::vector<std::uint32_t> group_of_unit(units);
  for (std::uint32_t unit = 0; unit < units; ++unit) group_of_unit[unit] = unit % groups;
  random.Shuffle(group_of_unit);
  return group_of_unit;
}

void SetLane(const UnitWeights& of_unit, const ResamplingUnits& units, std::size_t lane,
             LaneWeights* weights) {
  for (std::size_t image = 0; image < weights->size(); ++image) {
    (*weights)[image].lane[lane] = of_unit[units.unit_of_image[image]];
  }
}

void Store(const std::vector<LaneMeans>& means, std::size_t first_draw, ColumnDraws* draws) {
  for (std::size_t row = 0; row < means.size(); ++row) {
    for (std::size_t column = 0; column < kColumns; ++column) {
      for (std::size_t lane = 0; lane < kLanes && first_draw + lane < draws->draws(); ++lane) {
        const double count = means[row].count[column][lane];
        if (count > 0) draws->Set(row, column, first_draw + lane, means[row].sum[column][lane] / count);
      }
    }
  }
}

}  // namespace

ResamplingUnits EachImage(std::size_t images) {
  ResamplingUnits units;
  for (std::size_t image = 0; image < images; ++image) units.unit_of_image.push_back(units.count++);
  return units;
}

ResamplingUnits UnitsByKey(const std::vector<std::string>& keys) {
  ResamplingUnits units;
  std::map<std::string, std::uint32_t> unit_of_key;
  for (const std::string& key : keys) {
    units.unit_of_image.push_back(unit_of_key.try_emplace(key, unit_of_key.size()).first->second);
  }
  units.count = static_cast<std::uint32_t>(unit_of_key.size());
  return units;
}

std::vector<std::string> KeysByPattern(const datasets::Dataset& truth, const std::string& pattern) {
  std::map<datasets::ImageId, std::string> key_of_image;
  try {
    const std::regex expression(pattern);
    for (const datasets::Image& image : truth.images) {
      std::smatch match;
      if (!std::regex_search(image.file_name, match, expression)) {
        throw Error(ErrorKind::kData, fmt::format("the file name '{}' does not match the pattern '{}'",
                                                  image.file_name, pattern));
      }
      key_of_image[image.id] = match[match.size() > 1 ? 1 : 0];
    }
  } catch (const std::regex_error& error) {
    throw Error(ErrorKind::kUsage, fmt::format("bad regular expression '{}': {}", pattern, error.what()));
  }
  std::vector<std::string> keys;
  for (auto& [image, key] : key_of_image) keys.push_back(std::move(key));
  return keys;
}

void BootstrapOptions::Validate() const {
  if (replicates < 100 || replicates > 100000) {
    throw Error(ErrorKind::kUsage, fmt::format("replicates: expected 100 to 100000, got {}", replicates));
  }
  if (jackknife_groups < 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("jackknife_groups: expected 0 or more, got {}", jackknife_groups));
  }
}

ColumnDraws::ColumnDraws(std::size_t rows, std::size_t draws)
    : rows_(rows),
      draws_(draws),
      values_(rows * kColumns * draws, std::numeric_limits<double>::quiet_NaN()) {}

std::optional<double> ColumnDraws::At(std::size_t row, std::size_t column, std::size_t draw) const {
  const double value = values_[(row * kColumns + column) * draws_ + draw];
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

void ColumnDraws::Set(std::size_t row, std::size_t column, std::size_t draw, std::optional<double> value) {
  values_[(row * kColumns + column) * draws_ + draw] =
      value.value_or(std::numeric_limits<double>::quiet_NaN());
}

std::vector<ModelDraws> Bootstrap(std::span<const ReweightedAp* const> models, const ResamplingUnits& units,
                                  const BootstrapOptions& options) {
  options.Validate();
  const std::size_t images = units.unit_of_image.size();
  for (const ReweightedAp* model : models) {
    if (model->images() != images || model->categories() != models.front()->categories()) {
      throw Error(ErrorKind::kInternal, "bootstrap: the models are not of one set");
    }
  }
  // One unit left out of a single one leaves nothing.
  const std::uint32_t groups =
      units.count < 2 ? 0 : std::min(units.count, static_cast<std::uint32_t>(options.jackknife_groups));
  const auto replicates = static_cast<std::size_t>(options.replicates);
  const std::size_t rows = models.empty() ? 0 : models.front()->categories() + 1;
  std::vector<ModelDraws> result(models.size(), {{rows, 1}, {rows, replicates}, {rows, groups}});

  const RandomStream root(options.seed);
  const std::vector<std::uint32_t> group_of_unit =
      groups == 0 ? std::vector<std::uint32_t>() : GroupUnits(units.count, groups, root.Split("jackknife"));
  const RandomStream stream = root.Split("bootstrap");

  // Draws of all kinds stand in one row, a task takes kLanes of one kind.
  const std::size_t replicate_tasks = (replicates + kLanes - 1) / kLanes;
  const std::size_t jackknife_tasks = (groups + kLanes - 1) / kLanes;
  ParallelFor(1 + replicate_tasks + jackknife_tasks, options.threads, [&](std::size_t task) {
    LaneWeights weights(images);
    const bool observed = task == 0;
    const bool replicate = !observed && task <= replicate_tasks;
    const std::size_t first = observed ? 0 : (replicate ? task - 1 : task - 1 - replicate_tasks) * kLanes;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      UnitWeights of_unit(units.count, 1);
      if (replicate) {
        of_unit = DrawUnits(units.count, stream.Split(first + lane));
      } else if (!observed) {
        for (std::uint32_t unit = 0; unit < units.count; ++unit) {
          of_unit[unit] = group_of_unit[unit] != first + lane;
        }
      }
      SetLane(of_unit, units, lane, &weights);
    }
    for (std::size_t m = 0; m < models.size(); ++m) {
      ModelDraws& draws = result[m];
      Store(models[m]->Evaluate(weights), first,
            observed ? &draws.observed : (replicate ? &draws.replicates : &draws.jackknife));
    }
  });
  return result;
}

}  // namespace yoake::metrics
