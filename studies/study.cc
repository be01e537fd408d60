#include "studies/study.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "studies/clock.h"
#include "studies/device_pool.h"
#include "studies/process.h"
#include "studies/recovery.h"
#include "studies/results.h"
#include "studies/storage/storage.h"
#include "studies/trainer.h"
#include "studies/trial_ledger.h"

namespace yoake::studies {
namespace {

namespace fs = std::filesystem;

constexpr char kSqlite[] = "sqlite:///";

// A relative store is relative to where the study was started, wherever it is resumed.
std::string Anchored(const std::string& url) {
  const std::string scheme = kSqlite;
  if (url.rfind(scheme, 0) != 0 || url.size() <= scheme.size() || url[scheme.size()] == '/') return url;
  return scheme + fs::absolute(url.substr(scheme.size())).string();
}

bool HasTrials(Storage& storage, const std::string& study) {
  return storage.HasStudy(study) && !storage.ReadHistory(study).trials.empty();
}

void RequireFresh(const StudyConfig& study, const StudyFolder& folder) {
  const std::string hint = fmt::format("; go on with it by `yoake study resume {}`, or choose another --out",
                                       folder.root().string());
  if (fs::exists(folder.study())) {
    const StudyConfig before = ReadResolvedStudy(folder);
    const std::string url = StorageUrl(before, folder);
    const bool stored = !before.storage.empty() || fs::exists(folder.root() / "study.db");
    if (stored && HasTrials(*OpenStorage(url), before.name)) {
      throw Error(ErrorKind::kUsage, "the folder holds a study already" + hint, folder.root().string());
    }
  }
  std::error_code none;
  if (fs::exists(folder.trials()) && !fs::is_empty(folder.trials(), none)) {
    throw Error(ErrorKind::kUsage,
                "the folder holds trials, but its store does not know them; choose another --out",
                folder.trials().string());
  }
  if (!study.storage.empty() && HasTrials(*OpenStorage(study.storage), study.name)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the store {} holds trials of a study '{}' already; give this one another name "
                            "(name=...) or resume that one in its own folder",
                            study.storage, study.name));
  }
}

void WriteStudy(const StudyConfig& study, const StudyFolder& folder) {
  WriteFileAtomically(folder.study(), ToJson(study).dump(1));
}

// The driver's part that new and resumed studies share; the lock is held.
RunnerEnd Drive(const StudyConfig& study, const PreparedStudy& prepared, const StudyFolder& folder,
                const Trainer& trainer, const Caller& caller, StudyObserver& observer,
                const RunnerOptions& options) {
  const std::unique_ptr<Storage> storage = OpenStorage(StorageUrl(study, folder));
  if (!storage->HasStudy(study.name)) storage->CreateStudy(study.name, {study.direction}, {study.metric});
  TrialLedger ledger(*storage, study.name);

  Session session;
  session.yoake = caller.yoake;
  session.command = caller.command;
  std::tie(session.earlier_wall_seconds, session.started) = EarlierSession(folder);
  if (session.started.empty()) session.started = UtcNow();
  for (const DeviceSlot& slot : ParseDevices(study.devices)) session.slots.push_back(slot.name);

  const Leftovers leftovers = FindLeftovers(folder, ledger, study.metric);
  ResultsWriter results(study, prepared, folder, session);
  return RunTrials({study, prepared, folder, trainer, ledger, results, observer, options},
                   leftovers.unfinished, leftovers.ended);
}

PreparedStudy Prepare(const StudyConfig& study, const StudyFolder& folder, const Trainer& trainer,
                      StudyObserver& observer) {
  PreparedStudy prepared = PrepareStudy(study, trainer);
  for (const std::string& warning : prepared.warnings) observer.OnNotice(warning);
  WriteFileAtomically(folder.prepared(), ToJson(prepared).dump(1));
  return prepared;
}

// What a driver left that was killed before its first trial.
void RemoveEmptyStudy(const StudyFolder& folder) {
  std::error_code ignored;
  for (const char* name : {"study.json", "prepared.json", "study.db", "study.db-wal", "study.db-shm"}) {
    fs::remove(folder.root() / name, ignored);
  }
}

// Takes back what a refused study has made; a folder of the user's own stays.
void RemoveRefused(const StudyFolder& folder) {
  RemoveEmptyStudy(folder);
  std::error_code ignored;
  fs::remove(folder.lock(), ignored);
  fs::remove(folder.root(), ignored);
}

}  // namespace

StudyConfig ReadResolvedStudy(const StudyFolder& folder) {
  if (!fs::exists(folder.study())) {
    throw Error(ErrorKind::kUsage,
                "there is no study here (no study.json); give the folder of `yoake study run --out`",
                folder.root().string());
  }
  return ReadStudyConfig(folder.study());
}

std::string StorageUrl(const StudyConfig& study, const StudyFolder& folder) {
  return study.storage.empty() ? folder.storage_url() : study.storage;
}

RunnerEnd RunStudy(StudyConfig study, const fs::path& out, const Caller& caller, StudyObserver& observer,
                   const RunnerOptions& options) {
  const StudyFolder folder(out);
  ExpandEnvironment(&study);
  study.storage = Anchored(study.storage);
  const Trainer trainer(study);
  const StudyLock lock(folder);
  RequireFresh(study, folder);
  RemoveEmptyStudy(folder);
  PreparedStudy prepared;
  try {
    WriteStudy(study, folder);  // First, so that a driver killed from here on can be resumed.
    prepared = Prepare(study, folder, trainer, observer);
  } catch (const Error&) {
    RemoveRefused(folder);
    throw;
  }
  return Drive(study, prepared, folder, trainer, caller, observer, options);
}

RunnerEnd ResumeStudy(const fs::path& out, const ResumeOptions& changes, const Caller& caller,
                      StudyObserver& observer, const RunnerOptions& options) {
  const StudyFolder folder(out);
  StudyConfig study = ReadResolvedStudy(folder);
  const StudyLock lock(folder);
  if (changes.trials) study.trials = *changes.trials;
  if (changes.timeout_s) study.timeout_s = changes.timeout_s;
  if (!changes.devices.empty()) study.devices = changes.devices;
  study.Validate();
  const Trainer trainer(study);
  WriteStudy(study, folder);
  const PreparedStudy prepared =
      fs::exists(folder.prepared())
          ? PreparedStudyFromJson(ParseJsonFile(folder.prepared()), folder.prepared().string())
          : Prepare(study, folder, trainer, observer);
  return Drive(study, prepared, folder, trainer, caller, observer, options);
}

bool StopStudy(const fs::path& out) {
  const StudyFolder folder(out);
  const std::optional<pid_t> driver = DriverOf(folder);
  if (!driver || *driver <= 0) return false;
  pollfd gone{OpenPidDescriptor(*driver), POLLIN, 0};
  kill(*driver, SIGTERM);
  if (gone.fd >= 0) {
    poll(&gone, 1, -1);
    close(gone.fd);
  }
  return true;
}

}  // namespace yoake::studies
