#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "studies/prepare.h"
#include "studies/study_config.h"
#include "studies/study_folder.h"
#include "studies/study_observer.h"
#include "studies/study_runner.h"

namespace yoake::studies {

// Who runs a study, for its provenance.
struct Caller {
  std::string yoake;    // Version.
  std::string command;  // As typed.
};

// Runs a new study in `folder`, which must not hold a study with trials yet. Everything that can be wrong in
// the study is looked at before the first trial; then it is as RunTrials says. Afterwards the folder holds
// results.json. Throws Error; a study refused before its first trial leaves nothing behind.
RunnerEnd RunStudy(StudyConfig study, const std::filesystem::path& folder, const Caller& caller,
                   StudyObserver& observer, const RunnerOptions& options = {});

// Puts a study into a store without running a trial, for workers. Throws as RunStudy does.
void EnterStudy(StudyConfig study, StudyObserver& observer);

// One of many workers on a study that RunStudy or EnterStudy has put into a store. It takes trials until the
// study is complete or it has started `options.count`; its trials' files lie in `folder`, which must be its
// own. A worker keeps no state: one that dies is replaced by any other, which runs its trials again.
// Throws Error{kUsage} for a store without that study or a study that remembers no trainer (made by ask).
RunnerEnd WorkOnStudy(const std::string& storage, const std::string& study,
                      const std::vector<std::string>& devices, const std::filesystem::path& folder,
                      const Caller& caller, StudyObserver& observer, const RunnerOptions& options = {});

// What a resumed study may do otherwise than before.
struct ResumeOptions {
  std::optional<int> trials;
  std::optional<double> timeout_s;   // Absent: the study's own, counted anew.
  std::vector<std::string> devices;  // Empty: the study's own.
};

// Goes on with the study in `folder` after a stop, a kill -9 or a crash at any time. Finished trials stay as
// they are, unfinished ones run again under the same number with the same parameters.
RunnerEnd ResumeStudy(const std::filesystem::path& folder, const ResumeOptions& changes, const Caller& caller,
                      StudyObserver& observer, const RunnerOptions& options = {});

// The study of a folder as it was resolved, its store's password included. Throws Error{kUsage} when the
// folder holds none.
StudyConfig ReadResolvedStudy(const StudyFolder& folder);

// The URL of the store of the study in this folder.
std::string StorageUrl(const StudyConfig& study, const StudyFolder& folder);

// Asks the driver of a folder to stop (see RunTrials) and waits until it has; false when there is none.
bool StopStudy(const std::filesystem::path& folder);

}  // namespace yoake::studies
