#include "search/samplers/unit_space.h"

#include <algorithm>
#include <cmath>

#include "search/samplers/constants.h"
#include "search/unit_interval.h"

namespace yoake::search {
namespace {

// Where a value lies in today's choices or range; nullopt outside.
std::optional<double> InToday(const Distribution& today, const Param& past) {
  if (today == past.distribution) return past.internal;
  if (today.index() != past.distribution.index()) return std::nullopt;
  if (const auto* d = std::get_if<CategoricalDistribution>(&today)) {
    const auto& choices = std::get<CategoricalDistribution>(past.distribution).choices;
    const auto index = static_cast<std::size_t>(past.internal);
    if (index >= choices.size()) return std::nullopt;
    const auto found = std::find(d->choices.begin(), d->choices.end(), choices[index]);
    if (found == d->choices.end()) return std::nullopt;
    return static_cast<double>(found - d->choices.begin());
  }
  if (!Contains(today, past.internal)) return std::nullopt;
  return past.internal;
}

}  // namespace

double UnitSpace::Dimension::Value(std::size_t i) const {
  if (categorical()) return static_cast<double>(i);
  return search::ToUnit(distribution, Snap(range, range.low + static_cast<double>(i) * range.step));
}

std::size_t UnitSpace::Dimension::Index(double unit) const {
  if (categorical()) return static_cast<std::size_t>(std::max(unit, 0.0));
  const double steps = std::round((search::FromUnit(distribution, unit) - range.low) / range.step);
  return std::min(n_values - 1, static_cast<std::size_t>(steps));
}

UnitSpace::UnitSpace(const SearchSpace& space) : entries_(space.entries()) {
  std::vector<std::optional<std::size_t>> dimension_of(entries_.size());
  std::vector<std::vector<Condition>> conditions_of(entries_.size());
  for (std::size_t e = 0; e < entries_.size(); ++e) {
    const SpaceEntry& entry = entries_[e];
    for (const auto& [parent_name, listed] : entry.when) {
      const auto parent = static_cast<std::size_t>(space.Find(parent_name) - space.entries().data());
      if (!dimension_of[parent]) {  // One choice, listed for sure: it is there whenever the parent is.
        conditions_of[e].insert(conditions_of[e].end(), conditions_of[parent].begin(),
                                conditions_of[parent].end());
        continue;
      }
      Condition condition{*dimension_of[parent], {}};
      for (const Choice& choice : std::get<CategoricalDistribution>(entries_[parent].distribution).choices)
        condition.choices.push_back(std::find(listed.begin(), listed.end(), choice) != listed.end());
      conditions_of[e].push_back(std::move(condition));
    }
    if (IsSingle(entry.distribution)) continue;
    Dimension d;
    d.entry = e;
    d.distribution = entry.distribution;
    if (const auto range = AsNumeric(entry.distribution)) {
      d.range = *range;
      if (range->step > 0)
        d.n_values = static_cast<std::size_t>(std::round((range->high - range->low) / range->step)) + 1;
    } else {
      d.n_values = d.n_choices = std::get<CategoricalDistribution>(entry.distribution).choices.size();
    }
    finite_ = finite_ && !d.continuous();
    dimension_of[e] = dimensions_.size();
    dimensions_.push_back(d);
    conditions_.push_back(conditions_of[e]);
  }
}

bool UnitSpace::Exists(std::size_t dimension, const UnitPoint& point) const {
  return std::all_of(conditions_[dimension].begin(), conditions_[dimension].end(),
                     [&](const Condition& condition) {
                       const double parent = point[condition.parent];
                       return !std::isnan(parent) && condition.choices[static_cast<std::size_t>(parent)];
                     });
}

std::optional<UnitPoint> UnitSpace::ToUnit(const ParamSet& params) const {
  UnitPoint point(size(), kAbsent);
  for (std::size_t i = 0; i < size(); ++i) {
    if (!Exists(i, point)) continue;
    const SpaceEntry& entry = entries_[dimensions_[i].entry];
    const auto found = params.find(entry.name);
    if (found == params.end()) return std::nullopt;
    const auto value = InToday(entry.distribution, found->second);
    if (!value) return std::nullopt;
    point[i] = dimensions_[i].categorical() ? *value : search::ToUnit(entry.distribution, *value);
  }
  return point;
}

ParamSet UnitSpace::FromUnit(const UnitPoint& point) const {
  ParamSet params;
  std::size_t i = 0;  // The next dimension.
  for (std::size_t e = 0; e < entries_.size(); ++e) {
    const SpaceEntry& entry = entries_[e];
    const bool is_dimension = i < size() && dimensions_[i].entry == e;
    if (is_dimension) ++i;
    if (!SearchSpace::IsActive(entry, params)) continue;
    double internal = 0;
    if (is_dimension) {
      const Dimension& d = dimensions_[i - 1];
      internal = d.categorical() ? point[i - 1] : search::FromUnit(entry.distribution, point[i - 1]);
    } else if (const auto range = AsNumeric(entry.distribution)) {
      internal = range->low;
    }
    params[entry.name] = {entry.distribution, internal};
  }
  return params;
}

UnitPoint UnitSpace::Features(UnitPoint point) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (std::isnan(point[i])) point[i] = dimensions_[i].categorical() ? -1 : 0.5;
  }
  return point;
}

void UnitSpace::Settle(UnitPoint* point, const UnitPoint& donor) const {
  for (std::size_t i = 0; i < size(); ++i) {
    const Dimension& d = dimensions_[i];
    double& x = (*point)[i];
    if (!Exists(i, *point)) {
      x = kAbsent;
      continue;
    }
    if (std::isnan(x)) x = donor[i];
    if (!d.categorical() && !d.continuous()) x = d.Value(d.Index(x));
  }
}

UnitPoint UnitSpace::Fill(RandomStream* stream) const {
  UnitPoint point(size());
  for (std::size_t i = 0; i < size(); ++i) {
    const Dimension& d = dimensions_[i];
    point[i] = d.categorical() ? static_cast<double>(stream->Below(d.n_choices)) : stream->Uniform();
    if (!d.categorical() && !d.continuous()) point[i] = d.Value(d.Index(point[i]));
  }
  return point;
}

UnitPoint UnitSpace::Random(RandomStream* stream) const {
  UnitPoint point = Fill(stream);
  Settle(&point, point);
  return point;
}

std::vector<std::int64_t> TriedPoints::Key(const UnitPoint& point) const {
  std::vector<std::int64_t> key(point.size(), -1);
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (std::isnan(point[i])) continue;
    const UnitSpace::Dimension& d = space_.dimensions()[i];
    key[i] = d.continuous() ? std::llround(point[i] * 1e9) : static_cast<std::int64_t>(d.Index(point[i]));
  }
  return key;
}

std::optional<UnitPoint> TriedPoints::FindUntried(RandomStream* stream) const {
  UnitPoint point;
  for (int attempt = 0; attempt < 64; ++attempt) {
    point = space_.Random(stream);
    if (!Contains(point)) return point;
  }
  if (!space_.finite()) return point;
  // An odometer over the whole grid from here; what does not exist in a branch settles on the same point.
  UnitPoint raw = space_.Fill(stream);
  const std::size_t n = raw.size();
  std::vector<std::size_t> turned(n, 0);
  while (true) {
    point = raw;
    space_.Settle(&point, raw);
    if (!Contains(point)) return point;
    std::size_t i = n;
    while (i-- > 0) {
      if (std::isnan(point[i])) continue;  // Turning it would give the same point.
      const UnitSpace::Dimension& d = space_.dimensions()[i];
      raw[i] = d.Value((d.Index(raw[i]) + 1) % d.n_values);
      if (++turned[i] < d.n_values) break;
      turned[i] = 0;
    }
    if (i == static_cast<std::size_t>(-1)) return std::nullopt;
  }
}

}  // namespace yoake::search
