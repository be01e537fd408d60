#pragma once

#include <exception>
#include <string>

namespace yoake {

// What went wrong, coarse enough to choose an exit code and fine enough to choose a remedy.
enum class ErrorKind {
  kUsage,     // The command line is wrong.
  kConfig,    // A configuration file or value is wrong.
  kData,      // A dataset, detection or checkpoint file is wrong.
  kStorage,   // The study store refused or is damaged.
  kIo,        // The operating system refused: missing file, full disk, permission.
  kInternal,  // A broken promise inside yoake; please report it.
};

// The only exception thrown across rooms. Says what was wrong, where (file, JSON path, line, id) and, in the
// message, what would be right. Expected outcomes (pruned, out of memory, undefined AP) are values instead.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message, std::string where = "");

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& where() const { return where_; }

  // "where: message", or the message alone when `where` is empty.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string where_;
  std::string text_;
};

// Process exit code: 2 for what the user can mend in the command line, configuration or data; 1 for the rest.
int ExitCode(ErrorKind kind);

}  // namespace yoake
