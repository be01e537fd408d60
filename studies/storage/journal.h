#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "studies/storage/study_dump.h"
#include "studies/storage/timestamp.h"

namespace yoake::studies {

// Optuna's journal file (JournalFileStorage / JournalFileBackend): one operation a line, ids by counting.

struct Journal {
  std::vector<StudyDump> studies;
  std::vector<std::string> warnings;  // A torn last line.
};

// Replays a journal by Optuna's rules: what comes for a finished trial, or for a study that has been deleted,
// counts for nothing. Bare NaN and Infinity are read; inside attributes they become strings. Naive times are
// local ones. A last line that is no JSON was torn by a crash and is left out. Throws Error{kIo} or
// Error{kStorage} with the line that is wrong.
Journal ReadJournal(const std::filesystem::path& file);

// The text of a journal with these studies, as Optuna writes it. `clock` kUtc: times with "+00:00" (Optuna
// 5); kLocal: naive local ones, as Optuna up to 4 writes and wants them.
std::string ToJournal(const std::vector<StudyDump>& studies, Clock clock);

}  // namespace yoake::studies
