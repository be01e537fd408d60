#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/compared_options.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "metrics/coco/eval_result.h"
#include "metrics/uncertainty/comparison.h"
#include "reports/comparison.h"

namespace yoake::cli {
namespace {

// "NAME=a.json,b.json".
struct NamedFiles {
  std::string name;
  std::vector<std::string> files;
};

NamedFiles ParseModel(const std::string& text) {
  const std::size_t equals = text.find('=');
  NamedFiles model{text.substr(0, equals), {}};
  std::istringstream list(equals == std::string::npos ? "" : text.substr(equals + 1));
  for (std::string file; std::getline(list, file, ',');) {
    if (!file.empty()) model.files.push_back(file);
  }
  if (model.name.empty() || model.files.empty()) {
    throw Error(
        ErrorKind::kUsage,
        "expected NAME=DETECTIONS.json (or NAME=a.json,b.json for several seeds), got '" + text + "'");
  }
  return model;
}

std::vector<NamedFiles> ParseModels(const std::vector<std::string>& texts) {
  std::vector<NamedFiles> models;
  for (const std::string& text : texts) {
    NamedFiles model = ParseModel(text);
    for (const NamedFiles& other : models) {
      if (other.name != model.name) continue;
      throw Error(ErrorKind::kUsage, "two models are named '" + model.name +
                                         "'; several seeds of one are written NAME=a.json,b.json");
    }
    models.push_back(std::move(model));
  }
  return models;
}

std::size_t FindBaseline(const std::vector<NamedFiles>& models, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t m = 0; m < models.size(); ++m) {
    if (models[m].name == name || name.empty()) return m;
    names.push_back(models[m].name);
  }
  throw Error(ErrorKind::kUsage, "--baseline: no model is named '" + name + "'" + DidYouMean(name, names));
}

struct CompareCommandOptions : ComparedOptions {
  std::string baseline, out;
  std::vector<std::string> models;
  std::string metric = "mAP";
  std::string format = "table";
  bool json = false;
  double alpha = 0.05;
};

metrics::Comparison Compare(const CompareCommandOptions& options) {
  const std::vector<NamedFiles> named = ParseModels(options.models);
  const std::size_t baseline = FindBaseline(named, options.baseline);
  metrics::CompareOptions how;
  how.bootstrap = options.bootstrap;
  how.bootstrap.threads = options.threads;
  how.confidence = 1 - options.alpha;
  how.Validate();
  CheckParams(options);
  const datasets::Dataset truth = options.ReadTruth(options.truth);
  const metrics::MatchOptions matching = HowToMatch(options, truth);
  std::vector<metrics::ComparedModel> models;
  for (const NamedFiles& model : named) {
    metrics::ComparedModel& compared = models.emplace_back();
    compared.name = model.name;
    for (const std::string& file : model.files) {
      compared.seeds.push_back(metrics::MatchFile(truth, file, matching));
    }
  }
  const metrics::ResamplingUnits units = UnitsFor(options, truth, models.front().seeds.front());
  return metrics::CompareModels(models, baseline, units, how);
}

}  // namespace

void AddCompare(CLI::App& app, int* exit_code) {
  auto* command =
      app.add_subcommand("compare", "Compare models on one set: differences with intervals, what is noise");
  command->footer(
      "Examples:\n"
      "  yoake compare --gt val.json old=old.json new=new.json --out comparison\n"
      "  yoake compare --gt val.json old=o1.json,o2.json,o3.json new=n1.json,n2.json,n3.json\n"
      "  yoake compare --gt val.json a=a.json b=b.json --cluster-by '/^(video[0-9]+)_/'\n"
      "  yoake compare --gt val.json a=a.json b=b.json --iou-type segm --categories person\n"
      "  yoake compare --gt val.json now=now.json        what gain this set could show\n"
      "\n"
      "The first model is the baseline unless --baseline names another. docs/uncertainty.md tells how the\n"
      "intervals are made and how often they are right.");
  auto options = std::make_shared<CompareCommandOptions>();
  AddComparedOptions(command, options.get());
  command
      ->add_option("models", options->models, "NAME=DETECTIONS.json, several seeds of one NAME=a.json,b.json")
      ->required()
      ->type_name("NAME=FILE[,FILE]");
  command->add_option("--baseline", options->baseline, "Name of the model that the others are compared with");
  command
      ->add_option("--metric", options->metric,
                   "Column of the tables by category, the picture and the verdict")
      ->check(CLI::IsMember(metrics::MetricNames()))
      ->capture_default_str();
  command->add_option("--alpha", options->alpha, "Intervals cover 1 - alpha")->capture_default_str();
  command->add_option("--format", options->format, "What is printed")
      ->check(CLI::IsMember(reports::ComparisonFormats()))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The same as --format json");
  command->add_option("--out", options->out,
                      "Also write compare.md, .json, .csv and a picture to this folder");
  command->callback([options, exit_code] {
    const metrics::Comparison comparison = Compare(*options);
    if (!options->out.empty()) {
      const auto report = reports::WriteComparison(comparison, options->metric, options->out);
      std::cerr << "report: " << report.string() << '\n';
    }
    std::cout << reports::RenderComparison(comparison, options->metric,
                                           options->json ? "json" : options->format);
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
