#pragma once

#include <memory>

#include "search/terminator.h"

namespace yoake::search {

// Stops a time after the first trial began, pauses between sessions included (a study's `timeout` counts each
// session anew).
struct WallClockOptions {
  double hours = 0;  // Above 0.

  void Validate() const;
};

std::unique_ptr<Terminator> MakeWallClockTerminator(WallClockOptions options);

// {"type":"wall_clock", "hours": required}.
std::unique_ptr<Terminator> MakeWallClockTerminator(const JsonReader& reader);

}  // namespace yoake::search
