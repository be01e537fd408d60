#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace yoake::cli {

// Declares a subcommand whose words all go to `yoake-trainer NAME ...`, --help included; this process becomes
// the trainer, as git becomes its parts.
void AddTrainerCommand(CLI::App& app, const std::string& name, const std::string& description);

// What `yoake-trainer doctor --json` says (LibTorch, BLAS, threads, devices), or a string that tells why
// there is no trainer.
nlohmann::json TrainerDoctor();

}  // namespace yoake::cli
