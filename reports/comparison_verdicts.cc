#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "metrics/coco/eval_result.h"
#include "reports/comparison.h"
#include "reports/comparison_tables.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

using metrics::Comparison;
using metrics::ModelResult;

std::string Joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string Percent(double share) { return fmt::format("{:g} %", 100 * share); }

// "b is better than a: mAP 0.431 against 0.412, difference +0.019 (95 % interval +0.004 to +0.034, p 0.012)."
std::string WholeSentence(const Comparison& comparison, const ModelResult& model, std::size_t column) {
  const ModelResult& baseline = comparison.models[comparison.baseline];
  const metrics::ColumnResult& cell = model.whole.columns[column];
  const std::string metric = metrics::MetricNames()[column];
  if (!cell.difference) return fmt::format("{}: {} is undefined on this set.", model.name, metric);
  const metrics::Difference& d = *cell.difference;
  const std::string numbers = fmt::format(
      "{} {} against {}, difference {} ({} interval {}, p {})", metric, MetricText(cell.value),
      MetricText(baseline.whole.columns[column].value), DeltaText(d.delta),
      Percent(comparison.options.confidence), IntervalText(d.interval), ProbabilityText(d.interval.p));
  if (!d.within_noise()) {
    return fmt::format("{} is {} than {}: {}.", model.name, d.delta > 0 ? "better" : "worse", baseline.name,
                       numbers);
  }
  if (d.interval.standard_error == 0) {
    return fmt::format("{} and {} are equal: {}.", model.name, baseline.name, numbers);
  }
  return fmt::format(
      "{} and {} are within noise of each other: {}. On this set a true difference must be about {} to be "
      "seen with a power of {}.",
      model.name, baseline.name, numbers, MetricText(d.detectable), Percent(comparison.options.power));
}

std::string CategorySentence(const Comparison& comparison, const ModelResult& model, std::size_t column) {
  const double alpha = 1 - comparison.options.confidence;
  std::vector<std::string> better, worse, uncertain;
  std::size_t noise = 0;
  for (const metrics::RowResult& row : model.categories) {
    const auto& d = row.columns[column].difference;
    if (!d) continue;
    const std::string item = fmt::format("{} ({})", row.category, DeltaText(d->delta));
    if (d->within_noise()) {
      ++noise;
    } else if (d->p_holm >= alpha) {
      uncertain.push_back(item);
    } else {
      (d->delta > 0 ? better : worse).push_back(item);
    }
  }
  std::string text = model.name + " by category, corrected over all of them:";
  if (!better.empty()) text += " better in " + Joined(better) + ";";
  if (!worse.empty()) text += " worse in " + Joined(worse) + ";";
  if (!uncertain.empty())
    text += " outside noise alone but not after correction in " + Joined(uncertain) + ";";
  text += noise == model.categories.size()
              ? " all within noise."
              : fmt::format(" {} of {} within noise.", noise, model.categories.size());
  return text;
}

std::optional<std::string> NarrowIntervals(const Comparison& comparison, std::size_t column) {
  std::vector<std::string> few;
  const auto add = [&](const metrics::RowResult& row) {
    const metrics::ColumnResult& cell = row.columns[column];
    if (!cell.value || !cell.few) return;
    few.push_back(fmt::format("{} ({} in {})", row.category, cell.truth.boxes, cell.truth.units));
  };
  const ModelResult& model = comparison.models[comparison.baseline];
  std::for_each(model.categories.begin(), model.categories.end(), add);
  add(model.whole);
  if (few.empty()) return std::nullopt;
  return fmt::format("Fewer than {} boxes or {} {} that hold them, intervals of {} may be too narrow: {}.",
                     comparison.FewBoxes(column), comparison.FewUnits(),
                     comparison.grouped() ? "groups" : "images", metrics::MetricNames()[column], Joined(few));
}

std::string WhatIsCovered(const Comparison& comparison) {
  std::size_t most = 1;
  std::size_t fewest = comparison.models.front().seeds;
  for (const ModelResult& model : comparison.models) {
    most = std::max(most, model.seeds);
    fewest = std::min(fewest, model.seeds);
  }
  if (most == 1) {
    return "One training a model: the intervals tell how other images would change the difference of these "
           "very weights, not how another training with another seed would.";
  }
  return fmt::format(
      "The intervals cover other images and other trainings: variance between seeds from {}{}.",
      fewest == most ? fmt::format("{} seeds a model", most)
                     : fmt::format("{} to {} seeds a model", fewest, most),
      fewest == 1 ? ", which models of a single seed are taken to share" : "");
}

// One model alone: what this set could tell about a successor.
std::string AloneSentence(const Comparison& comparison, std::size_t column) {
  const ModelResult& model = comparison.models.front();
  const metrics::ColumnResult& cell = model.whole.columns[column];
  const std::string metric = metrics::MetricNames()[column];
  if (!cell.value) return fmt::format("{}: {} is undefined on this set.", model.name, metric);
  return fmt::format(
      "{}: {} {} ({} interval {} to {}). A successor must differ by {} to be told apart with a power of {} "
      "if it errs on other images than this model, by {} if their scores on an image correlate as 0.75.",
      model.name, metric, MetricText(cell.value), Percent(comparison.options.confidence),
      MetricText(cell.interval.low), MetricText(cell.interval.high),
      MetricText(metrics::DetectableAlone(cell, comparison.options, 0)), Percent(comparison.options.power),
      MetricText(metrics::DetectableAlone(cell, comparison.options, 0.75)));
}

}  // namespace

std::vector<std::string> ComparisonVerdicts(const Comparison& comparison, const std::string& column_name) {
  const std::size_t column = ColumnByName(column_name);
  std::vector<std::string> verdicts;
  if (comparison.models.size() == 1) verdicts.push_back(AloneSentence(comparison, column));
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    if (m == comparison.baseline) continue;
    verdicts.push_back(WholeSentence(comparison, comparison.models[m], column));
    verdicts.push_back(CategorySentence(comparison, comparison.models[m], column));
  }
  if (const auto narrow = NarrowIntervals(comparison, column)) verdicts.push_back(*narrow);
  verdicts.push_back(WhatIsCovered(comparison));
  return verdicts;
}

}  // namespace yoake::reports
