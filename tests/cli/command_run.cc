#include "tests/cli/command_run.h"

#include <sys/wait.h>

#include <cstdlib>

#include "core/atomic_file.h"

namespace yoake::cli {

CommandRun RunYoake(const ScratchFolder& folder, const std::string& arguments) {
  const std::string command = "cd '" + folder.path().string() + "' && '" + YOAKE_BINARY_DIR "/bin/yoake' " +
                              arguments + " >stdout.txt 2>stderr.txt";
  CommandRun run;
  const int status = std::system(command.c_str());
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  run.out = ReadFile(folder.path() / "stdout.txt");
  run.err = ReadFile(folder.path() / "stderr.txt");
  return run;
}

}  // namespace yoake::cli
