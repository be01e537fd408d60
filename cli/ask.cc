#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/json_reader.h"
#include "search/distribution.h"
#include "search/sampler.h"
#include "studies/ask_tell.h"
#include "studies/storage/storage.h"

namespace yoake::cli {
namespace {

struct AskArguments {
  std::string storage;
  std::string study;
  std::string space;
  std::vector<std::string> directions;
  std::string sampler;
  std::uint64_t seed = 0;
};

studies::AskOptions ToOptions(const AskArguments& arguments, bool has_seed) {
  studies::AskOptions options;
  if (!arguments.space.empty()) {
    options.space = ParseJsonFile(arguments.space);
    options.space_source = arguments.space;
  }
  for (const std::string& direction : arguments.directions) {
    options.directions.push_back(search::ParseDirection(direction));
  }
  if (arguments.sampler.starts_with('{')) {
    options.sampler = ParseJson(arguments.sampler, "--sampler");
  } else if (!arguments.sampler.empty()) {
    options.sampler = arguments.sampler;
  }
  if (has_seed) options.seed = arguments.seed;
  return options;
}

std::string SamplerHelp() {
  std::string names;
  for (const std::string& name : search::SamplerNames()) names += (names.empty() ? "" : ", ") + name;
  return names + ", or JSON with options: '{\"type\":\"tpe\",\"n_startup_trials\":20}'; default auto";
}

}  // namespace

void AddAsk(CLI::App& app, int* exit_code) {
  auto* command = app.add_subcommand("ask", "Start a trial and print its number and parameters as JSON");
  command->footer(
      "Examples:\n"
      "  yoake ask --storage sqlite:///study.db --study tune --space space.json --direction maximize\n"
      "  {\"number\":0,\"params\":{\"lr\":0.0123}}\n"
      "  yoake tell --storage sqlite:///study.db --study tune --number 0 --value 0.41\n"
      "  yoake ask --storage sqlite:///study.db --study tune\n"
      "\n"
      "The first ask makes the study, which remembers its space, direction, sampler and seed.\n"
      "Many processes may ask the same study at the same time.");
  auto arguments = std::make_shared<AskArguments>();
  command
      ->add_option("--storage", arguments->storage,
                   "The store: sqlite:///FILE or postgresql://user@host:port/db")
      ->required();
  command->add_option("--study", arguments->study, "The study's name")->required();
  command->add_option("--space", arguments->space, "JSON file with the search space, for the first ask");
  command
      ->add_option("--direction", arguments->directions,
                   "minimize (default) or maximize; several objectives by comma")
      ->delimiter(',');
  command->add_option("--sampler", arguments->sampler, SamplerHelp());
  auto* seed = command->add_option("--seed", arguments->seed, "Seed of the sampler; default 0");
  command->callback([arguments, seed, exit_code] {
    const studies::AskOptions options = ToOptions(*arguments, seed->count() > 0);
    const auto mode = options.space ? studies::OpenMode::kCreate : studies::OpenMode::kExisting;
    const auto storage = studies::OpenStorage(arguments->storage, mode);
    const search::TrialRecord trial = studies::Ask(*storage, arguments->study, options);
    const nlohmann::json answer = {{"number", trial.number},
                                   {"params", search::ExternalValues(trial.params)}};
    std::cout << answer.dump() << '\n';
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
