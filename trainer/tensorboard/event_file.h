#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "trainer/tensorboard/summary.h"

namespace yoake::trainer {

// A new file of events for TensorBoard in a run's folder, events.out.tfevents.<seconds>.<host>: TensorBoard
// reads a folder's files in the order of their names. A run that goes on writes a new one.
class EventFile {
 public:
  // `first_step`: what earlier files say of it and of later steps is taken back. Throws Error{kIo}.
  EventFile(const std::filesystem::path& folder, std::int64_t first_step);

  // Throws Error{kIo}, e.g. when the disk is full. A reader sees whole events.
  void Add(std::int64_t step, const Summary& summary);

  const std::filesystem::path& path() const { return path_; }

 private:
  void Write(const ProtobufWriter& event);

  std::filesystem::path path_;
  std::ofstream file_;
};

// Seconds since 1970, as events carry them.
double WallSeconds();

}  // namespace yoake::trainer
