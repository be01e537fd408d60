#include "cli/run_trainer.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "studies/trainer_program.h"

namespace yoake::cli {
namespace {

[[noreturn]] void BecomeTrainer(const std::vector<std::string>& words) {
  const std::string program = studies::FindTrainer();
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  throw Error(ErrorKind::kIo, std::string("cannot be started: ") + std::strerror(errno), program);
}

}  // namespace

void AddTrainerCommand(CLI::App& app, const std::string& name, const std::string& description) {
  auto* command = app.add_subcommand(name, description);
  command->prefix_command();
  command->set_help_flag();  // --help is the trainer's to answer.
  command->callback([command, name] {
    std::vector<std::string> words = command->remaining();
    words.insert(words.begin(), name);
    BecomeTrainer(words);
  });
}

nlohmann::json TrainerDoctor() {
  std::string program;
  try {
    program = studies::FindTrainer();
  } catch (const Error& error) {
    return std::string(error.what());
  }
  std::string quoted = "'";
  for (const char c : program) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen((quoted + "' doctor --json").c_str(), "r"),
                                                     ::pclose);
  std::string text;
  char buffer[4096];
  while (output && std::fgets(buffer, sizeof buffer, output.get()) != nullptr) text += buffer;
  const nlohmann::json found = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return found.is_object() ? found
                           : nlohmann::json(program + ": does not answer; try `yoake-trainer doctor`");
}

}  // namespace yoake::cli
