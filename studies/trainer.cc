#include "studies/trainer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "studies/trainer_program.h"

namespace yoake::studies {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = fs::temp_directory_path() / "yoake-check-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
      throw Error(ErrorKind::kIo, fmt::format("cannot make a folder: {}", std::strerror(errno)), name);
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string Trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \n") + 1 - begin);
}

// Runs the trainer's check over `files` in `folder`, which is taken out of its messages.
struct Answer {
  std::string output;
  std::string messages;
};
Answer Ask(const fs::path& program, const fs::path& folder, const std::vector<std::string>& files,
           bool print_config) {
  ProcessOptions options;
  options.command = {program.string(), "train"};
  for (const std::string& file : files) options.command.push_back((folder / file).string());
  options.command.push_back("--validate-only");
  if (print_config) options.command.push_back("--print-config");
  options.output = folder / "messages.txt";
  options.standard_output = folder / "output.txt";
  const ExitStatus status = ChildProcess::Start(options).Wait();
  Answer answer{ReadFile(options.standard_output), ReadFile(options.output)};
  const std::string prefix = folder.string() + "/";
  for (std::size_t at; (at = answer.messages.find(prefix)) != std::string::npos;) {
    answer.messages.erase(at, prefix.size());
  }
  if (status.ok()) return answer;
  const std::string why = Trimmed(answer.messages);
  throw Error(ErrorKind::kConfig,
              fmt::format("the trainer refuses this study: {}", why.empty() ? ToString(status) : why));
}

std::vector<std::string> Warnings(const std::string& messages) {
  std::vector<std::string> warnings;
  std::istringstream lines(messages);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("warning") != std::string::npos) warnings.push_back(line);
  }
  return warnings;
}

std::string ReplaceAll(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// A name of a person's making as a file name.
std::string FileName(const std::string& name) { return ReplaceAll(name, "/", "-") + ".json"; }

}  // namespace

Trainer::Trainer(const StudyConfig& study) : foreign_(study.trainer) {
  if (!foreign()) program_ = FindTrainer();
}

json Trainer::Resolve(const json& config) const {
  if (foreign()) return config;
  const TemporaryFolder folder;
  WriteFileAtomically(folder.path() / "config.json", config.dump(1));
  const Answer answer = Ask(program_, folder.path(), {"config.json"}, /*print_config=*/true);
  return ParseJson(answer.output, program_.filename().string() + " --print-config");
}

std::vector<std::string> Trainer::Check(const std::vector<std::pair<std::string, json>>& configs) const {
  if (foreign() || configs.empty()) return {};
  const TemporaryFolder folder;
  std::vector<std::string> files;
  for (const auto& [name, config] : configs) {
    files.push_back(FileName(name));
    WriteFileAtomically(folder.path() / files.back(), config.dump(1));
  }
  return Warnings(Ask(program_, folder.path(), files, /*print_config=*/false).messages);
}

ProcessOptions Trainer::TrialProcess(const StudyFolder& folder, int number, const std::string& device,
                                     bool resume) const {
  const std::string config = folder.config(number).string();
  ProcessOptions options;
  options.output = folder.log(number);
  options.environment = {{"YOAKE_TRIAL_DIR", folder.trial(number).string()},
                         {"YOAKE_RESUME", resume ? "1" : "0"}};
  if (!foreign()) {
    options.command = {program_.string(), "train", config};
    if (resume) options.command.push_back("--resume");
    return options;
  }
  options.folder = foreign_.folder;
  for (std::string argument : foreign_.command) {
    argument = ReplaceAll(std::move(argument), "{config}", config);
    argument = ReplaceAll(std::move(argument), "{trial_dir}", folder.trial(number).string());
    options.command.push_back(ReplaceAll(std::move(argument), "{device}", device));
  }
  return options;
}

}  // namespace yoake::studies
