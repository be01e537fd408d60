#include "cli/compared_options.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/error.h"
#include "datasets/image_keys.h"

namespace yoake::cli {
namespace {

// Keys by ascending id of all images; those of the images that take part, in the same order.
std::vector<std::string> KeysOf(const std::vector<std::int64_t>& images, const datasets::Dataset& truth,
                                std::vector<std::string> keys) {
  std::vector<std::int64_t> all;
  for (const datasets::Image& image : truth.images) all.push_back(static_cast<std::int64_t>(image.id));
  std::sort(all.begin(), all.end());
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kept.size() < images.size() && all[i] == images[kept.size()]) kept.push_back(std::move(keys[i]));
  }
  return kept;
}

}  // namespace

void AddComparedOptions(CLI::App* command, ComparedOptions* options) {
  command->add_option("--gt", options->truth, "Truth: a COCO annotation file")->required();
  AddMatchingOptions(command, options);
  command->add_option("--cluster-by", options->cluster_by,
                      "Images that belong together: a key of the image in the truth file (video_id), or\n"
                      "/regex/ searched in the file name");
  command->add_option("--replicates", options->bootstrap.replicates, "Bootstrap replicates")
      ->capture_default_str();
  command->add_option("--seed", options->bootstrap.seed, "Seed of the replicates")->capture_default_str();
}

void CheckParams(const ComparedOptions& options) { metrics::GridOfColumns(options.Params()); }

metrics::MatchOptions HowToMatch(const ComparedOptions& options, const datasets::Dataset& truth) {
  return {options.Chosen(truth), options.Params(), options.masks()};
}

metrics::ResamplingUnits UnitsFor(const ComparedOptions& options, const datasets::Dataset& truth,
                                  const metrics::MatchedSet& matched) {
  const std::string& by = options.cluster_by;
  if (by.empty()) return metrics::EachImage(matched.images.size());
  const bool pattern = by.size() > 2 && by.front() == '/' && by.back() == '/';
  const metrics::ResamplingUnits units =
      metrics::UnitsByKey(KeysOf(matched.images, truth,
                                 pattern ? metrics::KeysByPattern(truth, by.substr(1, by.size() - 2))
                                         : datasets::ReadImageKeys(options.truth, by)));
  if (units.count < 2) {
    throw Error(ErrorKind::kUsage,
                "--cluster-by " + by + ": all images fall into one group; nothing can be resampled");
  }
  return units;
}

}  // namespace yoake::cli
