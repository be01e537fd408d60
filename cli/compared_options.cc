#include "cli/compared_files.h"

#include "core/error.h"
#include "datasets/image_keys.h"
#include "metrics/detections.h"

namespace yoake::cli {

metrics::MatchedSet MatchFile(const datasets::Dataset& truth, const std::string& detections_file,
                              int threads) {
  const std::vector<metrics::Detection> detections = metrics::ReadDetections(detections_file);
  try {
    return metrics::MatchCoco(truth, detections, threads);
  } catch (const Error& error) {  // Says which detection, not of which file.
    throw Error(error.kind(), error.message(), detections_file + ": " + error.where());
  }
}

metrics::ResamplingUnits UnitsFor(const datasets::Dataset& truth, const std::string& truth_file,
                                  const std::string& cluster_by) {
  if (cluster_by.empty()) return metrics::EachImage(truth.images.size());
  const bool pattern = cluster_by.size() > 2 && cluster_by.front() == '/' && cluster_by.back() == '/';
  const metrics::ResamplingUnits units =
      metrics::UnitsByKey(pattern ? metrics::KeysByPattern(truth, cluster_by.substr(1, cluster_by.size() - 2))
                                  : datasets::ReadImageKeys(truth_file, cluster_by));
  if (units.count < 2) {
    throw Error(ErrorKind::kUsage,
                "--cluster-by " + cluster_by + ": all images fall into one group; nothing can be resampled");
  }
  return units;
}

}  // namespace yoake::cli
