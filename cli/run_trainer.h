#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace yoake::cli {

// What `yoake-trainer doctor --json` says (LibTorch, BLAS, threads, devices), or a string that tells why
// there is no trainer.
nlohmann::json TrainerDoctor();

}  // namespace yoake::cli
