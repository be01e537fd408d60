#include <iostream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/did_you_mean.h"
#include "studies/storage/store_url.h"

namespace yoake::cli {
namespace {

// The subcommand that argv named last: the one whose --help answers the question.
const CLI::App* Innermost(const CLI::App* app) {
  while (true) {
    const auto chosen = app->get_subcommands();
    if (chosen.empty()) return app;
    app = chosen.front();
  }
}

std::string FullName(const CLI::App* app) {
  const CLI::App* parent = app->get_parent();
  return parent == nullptr ? app->get_name() : FullName(parent) + " " + app->get_name();
}

// What could have been meant at this place: subcommands or long options.
std::vector<std::string> Candidates(const CLI::App* app, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* subcommand : app->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(subcommand->get_name());
    }
  }
  return names;
}

}  // namespace

int ReportParseError(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version print on stdout.
  const CLI::App* command = Innermost(&app);
  std::string hint;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
      dynamic_cast<const CLI::RequiredError*>(&error)) {
    for (const std::string& word : command->remaining()) {
      hint = DidYouMean(word, Candidates(command, word.rfind("--", 0) == 0));
      if (!hint.empty()) break;
    }
  }
  std::cerr << "yoake: " << studies::WithoutPasswords(error.what()) << hint << "\nsee: " << FullName(command)
            << " --help\n";
  return 2;
}

}  // namespace yoake::cli
