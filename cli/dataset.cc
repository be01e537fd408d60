#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/run_trainer.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "core/json_reader.h"
#include "datasets/check.h"
#include "datasets/read.h"
#include "datasets/stats.h"
#include "datasets/synthetic.h"
#include "datasets/variants.h"

namespace yoake::cli {
namespace {

// What the subcommands' options write into; one each, kept alive by its callback.
struct Arguments {
  std::vector<std::string> files;
  std::string images;
  std::string out;
  std::string preset = "mixed";
  std::vector<std::string> overrides;
  std::optional<std::int64_t> image_count;
  std::optional<std::uint64_t> seed;
  double val_share = 0.2;
  std::string group;
  std::size_t per_kind = 5;
  bool labels_only = false;
  bool json = false;
};

void PrintStats(const datasets::Dataset& dataset, bool json) {
  const datasets::DatasetStats stats = datasets::ComputeStats(dataset);
  std::cout << (json ? datasets::ToJson(stats).dump(1) + "\n" : datasets::ToTable(stats));
}

void PrintWritten(const std::filesystem::path& file) {
  std::fprintf(stderr, "wrote %s\n", file.string().c_str());
}

std::vector<datasets::Dataset> ReadAll(const Arguments& arguments, bool extras = false) {
  std::vector<datasets::Dataset> sets;
  for (const std::string& file : arguments.files) {
    sets.push_back(datasets::ReadCoco(TextFile::Open(file), arguments.images, {.extras = extras}));
  }
  return sets;
}

int Check(const Arguments& arguments) {
  datasets::CheckOptions options;
  options.image_folder = arguments.images;
  options.read_images = !arguments.labels_only;
  const std::vector<std::filesystem::path> files(arguments.files.begin(), arguments.files.end());
  const datasets::CheckReport report = datasets::CheckDatasets(files, options);
  std::cout << (arguments.json ? datasets::ToJson(report).dump(1) + "\n"
                               : datasets::ToText(report, arguments.per_kind));
  return report.Count(datasets::Severity::kError) > 0 ? 1 : 0;
}

// One file prints its object, several files a list of them.
void Stats(const Arguments& arguments) {
  const std::vector<datasets::Dataset> sets = ReadAll(arguments);
  if (!arguments.json || sets.size() == 1) {
    for (std::size_t i = 0; i < sets.size(); ++i) {
      if (i > 0) std::cout << '\n';
      PrintStats(sets[i], arguments.json);
    }
    return;
  }
  nlohmann::json list = nlohmann::json::array();
  for (const datasets::Dataset& set : sets) list.push_back(datasets::ToJson(datasets::ComputeStats(set)));
  std::cout << list.dump(1) << '\n';
}

void Merge(const Arguments& arguments) {
  const datasets::Dataset united = datasets::Union(ReadAll(arguments, /*extras=*/true));
  datasets::WriteCoco(united, arguments.out);
  PrintWritten(arguments.out);
  PrintStats(united, arguments.json);
}

void Split(const Arguments& arguments) {
  datasets::SplitOptions options;
  options.val_share = arguments.val_share;
  options.seed = arguments.seed.value_or(0);
  options.group_pattern = arguments.group;
  const datasets::SplitResult split = datasets::Split(ReadAll(arguments, /*extras=*/true).front(), options);
  const std::filesystem::path folder = arguments.out;
  nlohmann::json json;
  const std::pair<const char*, const datasets::Dataset*> sides[] = {{"train", &split.train},
                                                                    {"val", &split.val}};
  for (const auto& [name, side] : sides) {
    const std::filesystem::path file = folder / (std::string(name) + ".json");
    datasets::WriteCoco(*side, file);
    PrintWritten(file);
    if (arguments.json) {
      json[name] = datasets::ToJson(datasets::ComputeStats(*side));
      json[name]["file"] = file.string();
    } else {
      std::cout << (side == &split.val ? "\n" : "");
      PrintStats(*side, false);
    }
  }
  if (arguments.json) std::cout << json.dump(1) << '\n';
}

void Synth(const Arguments& arguments) {
  nlohmann::json keys = {{"preset", arguments.preset}};
  if (arguments.image_count) keys["images"] = *arguments.image_count;
  if (arguments.seed) keys["seed"] = *arguments.seed;
  for (const std::string& text : arguments.overrides) {
    auto [key, value] = ParseOverride(text);
    keys[key] = std::move(value);
  }
  const datasets::SyntheticOptions options =
      datasets::ParseSyntheticOptions(JsonReader(keys, "command line"));
  const datasets::Dataset dataset = datasets::GenerateSynthetic(options, arguments.out);
  PrintWritten(std::filesystem::path(arguments.out) / "annotations.json");
  PrintStats(dataset, arguments.json);
}

// A subcommand with `run` as its body; the options are declared on what it returns.
template <typename Run>
CLI::App* Add(CLI::App* parent, const char* name, const char* text, const char* example,
              const std::shared_ptr<Arguments>& arguments, Run run) {
  CLI::App* command = parent->add_subcommand(name, text);
  command->footer(std::string("Example:\n  ") + example);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->callback([arguments, run] { run(*arguments); });
  return command;
}

void AddFiles(CLI::App* command, const std::shared_ptr<Arguments>& arguments, int least, int most) {
  command->add_option("files", arguments->files, "COCO annotation files")->required()->expected(least, most);
  command->add_option("--images", arguments->images,
                      "Image folder (default: images/, ../images/ or the folder of the annotations)");
}

constexpr int kAnyNumber = 1000;

}  // namespace

void AddDataset(CLI::App& app, int* exit_code) {
  CLI::App* dataset = app.add_subcommand("dataset", "Check, count, show, unite, split and generate datasets");
  dataset->require_subcommand(1);
  dataset->footer("Example:\n  yoake dataset check train.json val.json --images images");

  auto check_arguments = std::make_shared<Arguments>();
  CLI::App* check =
      Add(dataset, "check",
          "Find defects, and images that stand in two of the files; exit 1 when there are errors",
          "yoake dataset check train.json val.json --images images", check_arguments,
          [exit_code](const Arguments& arguments) { *exit_code = Check(arguments); });
  AddFiles(check, check_arguments, 1, kAnyNumber);
  check->add_flag("--labels-only", check_arguments->labels_only, "Do not read the images");
  check->add_option("--show", check_arguments->per_kind, "Findings of one kind to spell out")
      ->capture_default_str();

  auto stats_arguments = std::make_shared<Arguments>();
  AddFiles(Add(dataset, "stats", "Images and boxes per category and size",
               "yoake dataset stats train.json --json", stats_arguments, Stats),
           stats_arguments, 1, kAnyNumber);

  AddTrainerCommand(*dataset, "show",
                    "Draw images with their boxes, or augmented samples (runs yoake-trainer)");

  auto merge_arguments = std::make_shared<Arguments>();
  CLI::App* merge =
      Add(dataset, "merge", "Unite files: new ids, categories matched by name",
          "yoake dataset merge day/train.json night/train.json --out both.json", merge_arguments, Merge);
  AddFiles(merge, merge_arguments, 1, kAnyNumber);
  merge->add_option("--out", merge_arguments->out, "COCO file to write")->required();

  auto split_arguments = std::make_shared<Arguments>();
  CLI::App* split =
      Add(dataset, "split", "Split into train.json and val.json by a seed, in groups if you like",
          "yoake dataset split all.json --out splits --val 0.2 --seed 1 --group '^([0-9]+)_'",
          split_arguments, Split);
  AddFiles(split, split_arguments, 1, 1);
  split->add_option("--out", split_arguments->out, "Folder to write train.json and val.json to")->required();
  split->add_option("--val", split_arguments->val_share, "Share of the images for validation")
      ->capture_default_str();
  split->add_option("--seed", split_arguments->seed, "Another seed draws another split (default 0)");
  split->add_option(
      "--group", split_arguments->group,
      "Regular expression on file names; images of equal match (its first group) stay together");

  auto synth_arguments = std::make_shared<Arguments>();
  CLI::App* synth =
      Add(dataset, "synth", "Generate thermal-like street scenes with persons, cars and bicycles",
          "yoake dataset synth --out scenes --images 200 --preset night noise=0.03 object_size=0.8",
          synth_arguments, Synth);
  synth->add_option("--out", synth_arguments->out, "Folder for images/ and annotations.json")->required();
  synth->add_option("--images", synth_arguments->image_count, "Number of images (default 200)");
  synth->add_option("--seed", synth_arguments->seed,
                    "Another seed makes other scenes and another camera (default 0)");
  synth->add_option("--preset", synth_arguments->preset, "mixed, day, night or hard")->capture_default_str();
  synth->add_option(
      "knobs", synth_arguments->overrides,
      "key=value: images, width, height, seed, objects_min, objects_max, object_size, heat_contrast, "
      "noise, fixed_pattern, blur, occlusion, night_share, masks, format");
}

}  // namespace yoake::cli
