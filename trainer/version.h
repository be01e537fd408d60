#pragma once

#include <string>

namespace yoake::trainer {

std::string Version();  // "0.1.0"
std::string Commit();   // "3f2a91c", "nogit" when not built from a checkout.
std::string LibTorchVersion();
std::string ProgramText();  // "yoake-trainer 0.1.0 (LibTorch 1.13.1, OpenBLAS ...)"

}  // namespace yoake::trainer
