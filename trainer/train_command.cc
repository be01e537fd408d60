#include "trainer/train_command.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <new>

#include "core/error.h"
#include "trainer/config/config_file.h"
#include "trainer/data/run_data.h"
#include "trainer/losses/yolox_loss.h"
#include "trainer/run/attempts.h"
#include "trainer/run/run_folder.h"

namespace yoake::trainer {
namespace {

namespace fs = std::filesystem;

struct Words {
  std::vector<fs::path> files;
  std::vector<std::string> overrides;
};

Words Sort(const TrainArguments& arguments) {
  Words sorted;
  if (arguments.fast) sorted.overrides.push_back("preset=fast");
  for (const std::string& word : arguments.words) {
    if (word.find('=') != std::string::npos && !fs::exists(word)) {
      sorted.overrides.push_back(word);
    } else {
      sorted.files.push_back(word);
    }
  }
  return sorted;
}

std::string TermText(const LossConfig& loss) {
  return fmt::format("{} {} x{} {}", NameOf(loss.role), loss.type, loss.params.at("loss_weight").dump(),
                     loss.Text("reduction"));
}

// Whether there are data to check: a study asks for its base without any.
bool HasData(const TrainConfig& config) { return !config.data_train.is_null() || !config.data_val.is_null(); }

// Categories by what the data are: several files of a study share them.
using CheckedData = std::map<std::string, int>;

int CheckData(const TrainConfig& config, const std::string& file, CheckedData* checked) {
  const std::string key =
      nlohmann::json{config.data_train, config.data_val, config.tests, config.evaluation.metric}.dump();
  if (const auto known = checked->find(key); known != checked->end()) return known->second;
  const RunData data = LoadRunData(config);
  for (const std::string& warning : data.warnings) spdlog::warn("{}: {}", file, warning);
  spdlog::info("{}: {} training images of {} categories, {} to validate, {} test sets", file,
               data.train.images.size(), data.train.categories.size(), data.val.truth.images.size(),
               data.tests.size());
  return (*checked)[key] = static_cast<int>(data.train.categories.size());
}

// A resume goes on from the run's own checkpoint.
void RequireInit(const TrainConfig& config) {
  if (config.init.empty() || fs::is_regular_file(config.init)) return;
  throw Error(ErrorKind::kConfig, "no such checkpoint to start from: " + config.init, "init");
}

int ValidateOnly(const TrainArguments& arguments, const Words& words) {
  CheckedData checked;
  for (const fs::path& file : words.files) {
    const TrainConfig config = LoadTrainConfig(file, words.overrides);
    if (arguments.validate_only) {
      RequireInit(config);
      const bool has_data = HasData(config) || !arguments.print_config;
      const int categories = has_data ? CheckData(config, file.string(), &checked) : 1;
      const LossesConfig& loss = config.loss;
      spdlog::info("{}: losses {}, {}, {}, {}", file.string(), TermText(loss.cls), TermText(loss.obj),
                   TermText(loss.bbox), TermText(loss.l1));
      for (const std::string& warning : EffectiveWeights(loss, categories, config.input_size, config.batch)) {
        spdlog::warn("{}: {}", file.string(), warning);
      }
    }
    if (arguments.print_config) std::cout << ToJson(config).dump(1) << '\n';
  }
  return 0;
}

fs::path TrialFolder() {
  const char* folder = std::getenv("YOAKE_TRIAL_DIR");
  return folder == nullptr ? fs::path() : fs::path(folder);
}

fs::path ChooseFolder(const TrainArguments& arguments, const TrainConfig& config, const RunData& data,
                      const fs::path& file) {
  if (!TrialFolder().empty()) return TrialFolder();
  if (!arguments.out.empty()) return arguments.out;
  const fs::path family = RunFamily("runs", {.dataset = data.name,
                                             .model = config.model.type + "-" + config.model.size,
                                             .config = file.stem().string(),
                                             .tag = arguments.tag});
  return arguments.resume ? LatestRun(family) : NewRun(family);
}

// A run started by hand has nobody who keeps its output: log.txt is written here.
void LogInto(const fs::path& folder) {
  if (!TrialFolder().empty()) return;
  auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>((folder / "log.txt").string());
  spdlog::default_logger()->sinks().push_back(std::move(sink));
}

int TrainOne(const TrainArguments& arguments, const Words& words, const fs::path& file) {
  const TrainConfig config = LoadTrainConfig(file, words.overrides);
  if (!arguments.resume) RequireInit(config);
  const RunData data = LoadRunData(config);
  const fs::path folder = ChooseFolder(arguments, config, data, file);
  if (!arguments.resume && fs::exists(RunFolder{folder}.last()) && TrialFolder().empty()) {
    throw Error(ErrorKind::kUsage,
                "holds a run already; --resume goes on with it, another --out starts a new one",
                folder.string());
  }
  fs::create_directories(folder);
  LogInto(folder);
  spdlog::info("run folder {}", folder.string());
  return TrainInAttempts(config, data,
                         {.folder = folder, .resume = arguments.resume, .stop = arguments.stop});
}

void SayInTrial(const TrialFailed& failed) {
  if (!TrialFolder().empty() && fs::is_directory(TrialFolder())) RunFolder{TrialFolder()}.Append(failed);
}

// The one configuration to train; a resume may take the run's own.
fs::path OneFile(const TrainArguments& arguments, const Words& words) {
  if (words.files.size() == 1) return words.files[0];
  const fs::path own = RunFolder{TrialFolder().empty() ? arguments.out : TrialFolder()}.config();
  if (words.files.empty() && arguments.resume && fs::exists(own)) return own;
  throw Error(ErrorKind::kUsage,
              words.files.empty() ? "which configuration? e.g. yoake train CONFIG.json data.train=train.json"
                                  : "train takes one configuration file; --validate-only takes several");
}

}  // namespace

int RunTrainCommand(const TrainArguments& arguments) {
  const Words words = Sort(arguments);
  if (arguments.validate_only || arguments.print_config) {
    if (words.files.empty()) throw Error(ErrorKind::kUsage, "which configuration file?");
    return ValidateOnly(arguments, words);
  }
  try {
    return TrainOne(arguments, words, OneFile(arguments, words));
  } catch (const Error& error) {
    SayInTrial({ExitCode(error.kind()) == 2 ? FailureReason::kData : FailureReason::kInternal, error.what()});
    throw;
  } catch (const std::bad_alloc&) {
    const std::string message = "memory is too small to read the datasets";
    SayInTrial({FailureReason::kOutOfMemory, message});
    throw Error(ErrorKind::kIo, message);
  }
}

}  // namespace yoake::trainer
