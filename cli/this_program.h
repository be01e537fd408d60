#pragma once

#include "studies/study.h"

namespace yoake::cli {

// This program and the command as typed but for passwords, for the report's provenance.
studies::Caller ThisProgram();

}  // namespace yoake::cli
