#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "studies/process.h"
#include "studies/storage/storage.h"
#include "studies/study.h"
#include "studies/study_view.h"
#include "tests/studies/storage_test_files.h"

namespace yoake::studies {

// Studies on tests/studies/fake_trainer.py, a real program that speaks the trial protocol.

inline std::string FakeTrainer() { return std::string(YOAKE_SOURCE_DIR) + "/tests/studies/fake_trainer.py"; }

// A study of one slot and quick trials; `changes` is laid over its file.
inline nlohmann::json FakeStudy(const nlohmann::json& changes = nlohmann::json::object()) {
  nlohmann::json study = {{"name", "fake"},
                          {"trials", 2},
                          {"seed", 3},
                          {"base", {{"epochs", 3}, {"epoch_s", 0}, {"lr", 0.5}}},
                          {"space", {{"lr", {{"type", "float"}, {"low", 0.1}, {"high", 0.9}}}}},
                          {"trainer", {{"command", {"python3", FakeTrainer(), "{config}"}}}}};
  study.merge_patch(changes);
  return study;
}

inline StudyConfig ParseStudy(const nlohmann::json& study) {
  return ParseStudyConfig(JsonReader(study, "study.json"), "/");
}

class Recorder : public StudyObserver {
 public:
  void OnTrialEnded(const TrialNote& note) override { notes.push_back(note); }
  void OnNotice(const std::string& text) override { notices.push_back(text); }
  void OnProgress(const StudyProgress& progress) override { last = progress; }

  std::vector<TrialNote> notes;
  std::vector<std::string> notices;
  StudyProgress last;
};

inline RunnerOptions Impatient() { return {.grace_s = 0.3, .poll_ms = 20}; }

inline RunnerEnd RunFake(const nlohmann::json& study, const std::filesystem::path& out,
                         Recorder* recorder = nullptr) {
  Recorder own;
  return RunStudy(ParseStudy(study), out, {"yoake test", "yoake study run"},
                  recorder != nullptr ? *recorder : own, Impatient());
}

inline RunnerEnd ResumeFake(const std::filesystem::path& out, const ResumeOptions& changes = {}) {
  Recorder recorder;
  return ResumeStudy(out, changes, {"yoake test", "yoake study resume"}, recorder, Impatient());
}

// As `yoake study trials --format json`.
inline nlohmann::json Trials(const std::filesystem::path& out, const std::string& study = "fake") {
  if (!std::filesystem::exists(out / "study.db")) return nlohmann::json::array();
  const auto storage = OpenStorage(StudyFolder(out).storage_url());
  return storage->HasStudy(study) ? TrialsJson(storage->ReadHistory(study)) : nlohmann::json::array();
}

inline nlohmann::json Results(const std::filesystem::path& out) {
  return ParseJsonFile(out / "results.json");
}

// A driver in a process of its own: exit code 0 complete, 1 not complete, 2 an error.
class Driver {
 public:
  explicit Driver(const std::function<RunnerEnd()>& drive) : pid_(fork()) {
    if (pid_ != 0) return;
    int code = 2;
    try {
      code = drive().complete ? 0 : 1;
    } catch (const std::exception& error) {
      dprintf(STDERR_FILENO, "driver: %s\n", error.what());
    }
    _exit(code);
  }
  ~Driver() {
    if (pid_ > 0) {
      Signal(SIGKILL);
      Wait();
    }
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int number) const { kill(pid_, number); }

  // Whether it ends within `ms`.
  bool EndsWithin(int ms) const {
    pollfd gone{OpenPidDescriptor(pid_), POLLIN, 0};
    const bool ended = poll(&gone, 1, ms) == 1;
    close(gone.fd);
    return ended;
  }

  // Exit code, or 128 + signal.
  int Wait() {
    int raw = 0;
    waitpid(pid_, &raw, 0);
    pid_ = -1;
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  }

  // Until `happened` or the driver has ended or a minute has passed.
  bool WaitUntil(const std::function<bool()>& happened) const {
    for (int looks = 0; looks < 3000; ++looks) {
      if (happened()) return true;
      if (EndsWithin(20)) return happened();
    }
    return false;
  }

 private:
  pid_t pid_;
};

inline bool Contains(const std::filesystem::path& file, const std::string& text) {
  return std::filesystem::exists(file) && ReadFile(file).find(text) != std::string::npos;
}

inline int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

}  // namespace yoake::studies
