#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "cli/commands.h"
#include "cli/run_trainer.h"
#include "cli/version.h"
#include "core/error.h"
#include "studies/storage/storage.h"

namespace yoake::cli {
namespace {

double MemoryGb() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE)) / 0x1p30;
}

double FreeDiskGb(const std::filesystem::path& folder) {
  std::error_code code;
  const auto space = std::filesystem::space(folder, code);
  return code ? 0 : static_cast<double>(space.available) / 0x1p30;
}

// "ok", or why a study store cannot be made in the current folder.
std::string StorageCheck() {
  const std::string file = ".yoake-doctor-" + std::to_string(getpid()) + ".db";
  std::string verdict = "ok";
  try {
    auto storage = studies::OpenStorage("sqlite:///" + file);
    storage->CreateStudy("doctor", {search::Direction::kMinimize}, {});
  } catch (const Error& error) {
    verdict = error.what();
  }
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::error_code ignored;
    std::filesystem::remove(file + suffix, ignored);
  }
  return verdict;
}

nlohmann::json Examine() {
  nlohmann::json found;
  found["yoake"] = VersionText();
  found["cores"] = std::thread::hardware_concurrency();
  found["memory_gb"] = MemoryGb();
  found["free_disk_gb"] = FreeDiskGb(".");
  found["storage"] = StorageCheck();
  found["trainer"] = TrainerDoctor();
  return found;
}

void Print(const nlohmann::json& found) {
  const auto line = [](const std::string& name, const std::string& text) {
    std::cout << name << std::string(name.size() < 14 ? 14 - name.size() : 1, ' ') << text << '\n';
  };
  char buffer[64];
  line("version", found["yoake"]);
  line("cores", std::to_string(found["cores"].get<int>()));
  std::snprintf(buffer, sizeof buffer, "%.1f GB", found["memory_gb"].get<double>());
  line("memory", buffer);
  std::snprintf(buffer, sizeof buffer, "%.1f GB free here", found["free_disk_gb"].get<double>());
  line("disk", buffer);
  line("storage", "SQLite here: " + found["storage"].get<std::string>());
  if (found["trainer"].is_string()) {
    line("trainer", found["trainer"]);
    return;
  }
  for (const auto& [name, value] : found["trainer"].items()) {
    line(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

}  // namespace

void AddDoctor(CLI::App& app, int* exit_code) {
  auto* command = app.add_subcommand("doctor", "What this machine has: devices, memory, BLAS, storage, disk");
  command->footer("Example:\n  yoake doctor --json");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([json, exit_code] {
    const nlohmann::json found = Examine();
    if (*json) {
      std::cout << found.dump(1) << '\n';
    } else {
      Print(found);
    }
    *exit_code = found["storage"] == "ok" ? 0 : 1;
  });
}

}  // namespace yoake::cli
