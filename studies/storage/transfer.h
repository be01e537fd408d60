#pragma once

#include <string>
#include <vector>

#include "studies/storage/study_dump.h"
#include "studies/storage/timestamp.h"

namespace yoake::studies {

struct StoreDump {
  std::vector<StudyDump> studies;
  Clock clock = Clock::kUtc;  // Of the store's times, for those who write them down again.
};

// All studies of a store, or the named one, as they are at one moment. Throws as OpenStorage and Storage do.
StoreDump DumpStore(const std::string& url, const std::string& study = "");

// Puts studies into a store, made when absent; all or, when anything is wrong, none. RUNNING trials come as
// they are: whoever goes on with the study decides. Throws Error{kUsage} when a study of that name is there.
void FillStore(const std::string& url, const std::vector<StudyDump>& studies);

}  // namespace yoake::studies
