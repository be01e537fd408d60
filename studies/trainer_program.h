#pragma once

#include <filesystem>

namespace yoake::studies {

// Where yoake-trainer lies: the environment's YOAKE_TRAINER, else beside the running program, else on PATH.
// Throws Error{kConfig} that lists the places looked at and how to build it.
std::filesystem::path FindTrainer();

}  // namespace yoake::studies
