#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/error.h"
#include "studies/ask_tell.h"
#include "studies/storage/storage.h"

namespace yoake::cli {
namespace {

struct TellArguments {
  std::string storage;
  std::string study;
  int number = 0;
  std::vector<double> values;
  std::string state;
  std::string reason;
};

studies::TellOptions ToOptions(const TellArguments& arguments) {
  using search::TrialState;
  const std::map<std::string, TrialState> states = {{"", TrialState::kComplete},
                                                    {"complete", TrialState::kComplete},
                                                    {"fail", TrialState::kFail},
                                                    {"pruned", TrialState::kPruned}};
  studies::TellOptions options{states.at(arguments.state), arguments.values, arguments.reason};
  if (options.state == TrialState::kComplete && options.values.empty()) {
    throw Error(ErrorKind::kUsage, "what is the result? give --value V, --values V,V or --state fail|pruned");
  }
  return options;
}

// JSON has no infinite numbers; they are written as the trial protocol writes them.
nlohmann::json ToJson(const std::vector<double>& values) {
  nlohmann::json array = nlohmann::json::array();
  for (const double value : values) {
    if (std::isfinite(value)) {
      array.push_back(value);
    } else {
      array.push_back(value > 0 ? "inf" : "-inf");
    }
  }
  return array;
}

}  // namespace

void AddTell(CLI::App& app, int* exit_code) {
  auto* command = app.add_subcommand("tell", "Store the result of a trial that ask started");
  command->footer(
      "Examples:\n"
      "  yoake tell --storage sqlite:///study.db --study tune --number 0 --value 0.41\n"
      "  yoake tell --storage sqlite:///study.db --study tune --number 1 --state fail --reason \"out of "
      "memory\"\n"
      "\n"
      "A value that is nan counts as fail. pruned without a value takes the trial's last report.");
  auto arguments = std::make_shared<TellArguments>();
  command
      ->add_option("--storage", arguments->storage,
                   "The store: sqlite:///FILE or postgresql://user@host:port/db")
      ->required();
  command->add_option("--study", arguments->study, "The study's name")->required();
  command->add_option("--number", arguments->number, "The trial's number, as ask printed it")->required();
  command
      ->add_option("--value,--values", arguments->values,
                   "The objective's value; several objectives by comma")
      ->delimiter(',');
  command->add_option("--state", arguments->state, "complete (default with a value), fail or pruned")
      ->check(CLI::IsMember({"complete", "fail", "pruned"}));
  command->add_option("--reason", arguments->reason, "Why it failed, for people");
  command->callback([arguments, exit_code] {
    const studies::TellOptions options = ToOptions(*arguments);
    const auto storage = studies::OpenStorage(arguments->storage, studies::OpenMode::kExisting);
    const search::TrialRecord trial = studies::Tell(*storage, arguments->study, arguments->number, options);
    const nlohmann::json answer = {
        {"number", trial.number}, {"state", ToString(trial.state)}, {"values", ToJson(trial.values)}};
    std::cout << answer.dump() << '\n';
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
