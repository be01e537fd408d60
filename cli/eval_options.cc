#include "cli/eval_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include "core/atomic_file.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/parallel.h"
#include "datasets/read.h"

namespace yoake::cli {
namespace {

[[noreturn]] void Fail(const std::string& flag, const std::string& message) {
  throw Error(ErrorKind::kUsage, message, flag);
}

template <typename Number>
std::optional<Number> Parsed(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

double ParseNumber(const std::string& flag, const std::string& text) {
  const auto number = Parsed<double>(text);
  if (!number || !std::isfinite(*number)) Fail(flag, "expected a number, got '" + text + "'");
  return *number;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// "0.5" or numpy's linspace of "0.5:0.95:0.05" (both ends included).
std::vector<double> ParseThresholds(const std::vector<std::string>& texts) {
  const std::string flag = "--iou-thresholds";
  std::vector<double> thresholds;
  for (const std::string& text : texts) {
    const auto parts = Split(text, ':');
    if (parts.size() == 1) {
      thresholds.push_back(ParseNumber(flag, text));
      continue;
    }
    if (parts.size() != 3) Fail(flag, "expected a number or LOW:HIGH:STEP, got '" + text + "'");
    const double low = ParseNumber(flag, parts[0]), high = ParseNumber(flag, parts[1]);
    const double steps = std::round((high - low) / ParseNumber(flag, parts[2]));
    if (!(steps >= 1 && steps <= 64)) Fail(flag, "expected LOW < HIGH in 1 to 64 steps, got '" + text + "'");
    const int count = static_cast<int>(steps);
    for (int i = 0; i < count; ++i) thresholds.push_back(i * ((high - low) / count) + low);
    thresholds.push_back(high);
  }
  return thresholds;
}

metrics::NamedArea ParseArea(const std::string& text) {
  const std::string flag = "--areas";
  const std::size_t equals = text.find('=');
  const auto ends = Split(equals == std::string::npos ? "" : text.substr(equals + 1), ':');
  if (ends.size() != 2) Fail(flag, "expected NAME=LOW:HIGH in square pixels, got '" + text + "'");
  return {text.substr(0, equals), {ParseNumber(flag, ends[0]), ParseNumber(flag, ends[1])}};
}

std::vector<datasets::CategoryId> FindCategories(const std::vector<std::string>& chosen,
                                                 const datasets::Dataset& truth) {
  std::vector<datasets::CategoryId> ids;
  std::vector<std::string> names;
  for (const auto& category : truth.categories) names.push_back(category.name);
  for (const std::string& text : chosen) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end()) {
      ids.push_back(truth.categories[static_cast<std::size_t>(found - names.begin())].id);
    } else if (const auto id = Parsed<std::int64_t>(text)) {
      ids.push_back(datasets::CategoryId{*id});
    } else {
      Fail("--categories", "the truth has no category '" + text + "'" + DidYouMean(text, names));
    }
  }
  return ids;
}

// Ids or file names; a file on disk is a list of them, one a line.
std::vector<datasets::ImageId> FindImages(const std::vector<std::string>& chosen,
                                          const datasets::Dataset& truth) {
  std::vector<std::string> texts;
  for (const std::string& text : chosen) {
    if (!std::filesystem::is_regular_file(text)) {
      texts.push_back(text);
      continue;
    }
    for (std::string line : Split(ReadFile(text), '\n')) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty()) texts.push_back(line);
    }
  }
  std::map<std::string, datasets::ImageId> by_name;
  for (const auto& image : truth.images) by_name.emplace(image.file_name, image.id);
  std::vector<datasets::ImageId> ids;
  for (const std::string& text : texts) {
    const auto found = by_name.find(text);
    if (found != by_name.end()) {
      ids.push_back(found->second);
    } else if (const auto id = Parsed<std::int64_t>(text)) {
      ids.push_back(datasets::ImageId{*id});
    } else {
      Fail("--images", "'" + text + "' is neither an id nor a file name of the truth, nor a list on disk");
    }
  }
  if (!chosen.empty() && ids.empty()) Fail("--images", "the list is empty");
  return ids;
}

}  // namespace

datasets::Dataset MatchingOptions::ReadTruth(const std::string& file) const {
  return datasets::ReadCoco(TextFile::Open(file), {}, {.elements = {.threads = threads}, .masks = masks()});
}

metrics::CocoParams MatchingOptions::Params() const {
  metrics::CocoParams params;
  params.keep_arrays = false;
  params.iou_thresholds = ParseThresholds(iou_thresholds);
  for (const std::string& text : areas) params.areas.push_back(ParseArea(text));
  params.threads = threads;
  params.Validate();
  return params;
}

metrics::CocoParams EvalOptions::Params() const {
  metrics::CocoParams params = MatchingOptions::Params();
  if (!max_detections.empty()) params.max_detections = max_detections;
  params.Validate();
  return params;
}

metrics::SetOptions MatchingOptions::Chosen(const datasets::Dataset& truth) const {
  metrics::SetOptions chosen;
  chosen.categories = FindCategories(categories, truth);
  chosen.images = FindImages(images, truth);
  chosen.class_agnostic = class_agnostic;
  chosen.threads = threads;
  if (corrected) chosen.corrections = metrics::Corrections::All();
  return chosen;
}

void AddMatchingOptions(CLI::App* command, MatchingOptions* options) {
  command->add_option("--iou-type", options->iou_type, "Compare boxes or masks")
      ->check(CLI::IsMember({"bbox", "segm"}))
      ->capture_default_str();
  command
      ->add_option("--iou-thresholds", options->iou_thresholds,
                   "What mAP is the mean over, e.g. 0.5 or 0.3,0.5 or 0.5:0.95:0.05")
      ->delimiter(',');
  command
      ->add_option("--areas", options->areas,
                   "Own area ranges NAME=LOW:HIGH,... in square pixels, both ends included; \"all\" is added")
      ->delimiter(',');
  command->add_option("--categories", options->categories, "Only these: names or ids, comma between")
      ->delimiter(',');
  command
      ->add_option("--images", options->images,
                   "Only these: ids, file names, or a file that lists them, one a line; a category without "
                   "truth in them drops out of the means")
      ->delimiter(',');
  command->add_flag("--class-agnostic", options->class_agnostic,
                    "Take all categories for one (pycocotools' useCats = 0)");
  command->add_flag("--corrected", options->corrected,
                    "Compute what was meant where the reference misleads (annotation id 0, `ignore`, truth "
                    "without area, copies); eval says what changed");
  options->threads = HardwareThreads();
  command->add_option("--threads", options->threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
}

void AddEvalOptions(CLI::App* command, EvalOptions* options) {
  AddMatchingOptions(command, options);
  command
      ->add_option("--max-dets", options->max_detections,
                   "Detections kept an image and category, ascending (1,10,100); AP is taken at the last, "
                   "where pycocotools prints -1 unless it is 100")
      ->delimiter(',');
  command->add_option("--voc", options->voc_iou, "Add PASCAL VOC's AP at this IoU: VOC07 (11 points), VOC12")
      ->expected(0, 1)
      ->default_str("0.5");
}

}  // namespace yoake::cli
