#include "metrics/uncertainty/matched_set.h"

#include <cstddef>

#include "core/error.h"
#include "core/parallel.h"

namespace yoake::metrics {

MatchedSet MatchCoco(const EvaluationSet& set, const CocoParams& params) {
  MatchedSet result;
  result.grid = GridOfColumns(params);
  for (std::size_t i = 0; i < set.images().size(); ++i) result.images.push_back(set.images().id(i));
  result.categories.resize(set.categories().size());
  ParallelFor(result.categories.size(), params.threads, [&](std::size_t k) {
    MatchedSetCategory& category = result.categories[k];
    category.id = set.categories()[k]->id;
    category.name = set.categories()[k]->name;
    category.matched = CategoryMatcher(set.input(), result.grid).Match(k);
  });
  return result;
}

MatchedSet MatchCoco(const datasets::Dataset& truth, const std::vector<Detection>& detections, int threads) {
  CocoParams params;
  params.threads = threads;
  return MatchCoco(EvaluationSet(truth, detections), params);
}

MatchedSet MatchFile(const datasets::Dataset& truth, const std::filesystem::path& file,
                     const MatchOptions& options) {
  DetectionMasks masks;
  const std::vector<Detection> detections =
      ReadDetections(file, options.params.threads, options.masks ? &masks : nullptr);
  SetOptions set = options.set;
  if (options.masks) set.masks = &masks;
  try {
    return MatchCoco(EvaluationSet(truth, detections, set), options.params);
  } catch (const Error& error) {  // In the detections it says which one, not of which file.
    if (error.kind() != ErrorKind::kData) throw;
    throw Error(error.kind(), error.message(), file.string() + ": " + error.where());
  }
}

}  // namespace yoake::metrics
