#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace yoake::studies {

// Where the files of a study lie. OUT/ holds study.json (the resolved study), prepared.json (its combinations
// as the trainer resolved them), study.db, results.json, lock and trials/<number>/ with config.json,
// events.jsonl, log.txt, pid, eval/<test>.json and what the trainer writes.
class StudyFolder {
 public:
  explicit StudyFolder(const std::filesystem::path& root) : root_(std::filesystem::absolute(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path study() const { return root_ / "study.json"; }
  std::filesystem::path prepared() const { return root_ / "prepared.json"; }
  // The store's address with its password, readable for its owner alone; absent when there is none.
  std::filesystem::path store_url() const { return root_ / "store_url"; }
  std::filesystem::path results() const { return root_ / "results.json"; }
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path trials() const { return root_ / "trials"; }
  std::filesystem::path trial(int number) const { return trials() / std::to_string(number); }
  std::filesystem::path events(int number) const { return trial(number) / "events.jsonl"; }
  std::filesystem::path config(int number) const { return trial(number) / "config.json"; }
  std::filesystem::path log(int number) const { return trial(number) / "log.txt"; }
  std::filesystem::path pid(int number) const { return trial(number) / "pid"; }
  std::filesystem::path last_weights(int number) const { return trial(number) / "weights" / "last.pt"; }
  std::filesystem::path eval(int number, const std::string& test) const {
    return trial(number) / "eval" / (test + ".json");
  }

  // The default store: "sqlite:////absolute/OUT/study.db".
  std::string storage_url() const { return "sqlite:///" + (root_ / "study.db").string(); }

 private:
  std::filesystem::path root_;
};

// Held by the one driver of a study folder; the kernel lets go of it when the driver ends, however it ends.
class StudyLock {
 public:
  // Makes the folder. Throws Error{kUsage} naming the process that holds it, Error{kIo} when the folder
  // cannot be written.
  explicit StudyLock(const StudyFolder& folder);
  ~StudyLock();
  StudyLock(const StudyLock&) = delete;
  StudyLock& operator=(const StudyLock&) = delete;

 private:
  int descriptor_;
};

// The process that drives the study now, if any.
std::optional<pid_t> DriverOf(const StudyFolder& folder);

}  // namespace yoake::studies
