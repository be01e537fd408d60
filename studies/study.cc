#include "studies/study.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/json_reader.h"
#include "studies/attendance.h"
#include "studies/device_pool.h"
#include "studies/process.h"
#include "studies/recovery.h"
#include "studies/results.h"
#include "studies/storage/storage.h"
#include "studies/storage/store_url.h"
#include "studies/trainer.h"
#include "studies/trial_ledger.h"

namespace yoake::studies {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr char kSqliteUrl[] = "sqlite:///";

// A relative store is relative to where the study was started, wherever it is resumed.
std::string Anchored(const std::string& url) {
  const std::string scheme = kSqliteUrl;
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
                            "(name=...), resume that one in its own folder or join it with `yoake study "
                            "worker`",
                            WithoutPasswords(study.storage), study.name));
  }
}

// Passwords do not belong into a file that is shared with the results.
void WriteStudy(StudyConfig study, const StudyFolder& folder) {
  const std::string url = study.storage;
  study.storage = WithoutPassword(url);
  if (study.storage != url) {
    WriteFileAtomically(folder.store_url(), url + "\n");
    fs::permissions(folder.store_url(), fs::perms::owner_read | fs::perms::owner_write);
  }
  WriteFileAtomically(folder.study(), ToJson(study).dump(1));
}

// What a worker needs to know, beside the trials.
constexpr char kStudyKey[] = "yoake:study";
constexpr char kPreparedKey[] = "yoake:prepared";

void Remember(Storage& storage, StudyConfig study, const PreparedStudy& prepared) {
  study.storage.clear();  // Whoever reads this has it open.
  const std::map<std::string, json> attrs = {{kStudyKey, ToJson(study)}, {kPreparedKey, ToJson(prepared)}};
  if (!storage.HasStudy(study.name)) {
    storage.CreateStudy(study.name, {study.direction}, {study.metric}, attrs);
    return;
  }
  const auto known = storage.ReadStudy(study.name).user_attrs;
  for (const auto& [key, value] : attrs) {
    const auto before = known.find(key);
    if (before == known.end() || before->second != value) storage.SetStudyUserAttr(study.name, key, value);
  }
}

Session NewSession(const StudyConfig& study, const StudyFolder& folder, const Caller& caller) {
  Session session;
  session.yoake = caller.yoake;
  session.command = caller.command;
  std::tie(session.earlier_wall_seconds, session.started) = EarlierSession(folder);
  if (session.started.empty()) session.started = UtcNow();
  for (const DeviceSlot& slot : ParseDevices(study.devices)) session.slots.push_back(slot.name);
  return session;
}

// The driver's part that new and resumed studies share; the lock is held.
RunnerEnd Drive(const StudyConfig& study, const PreparedStudy& prepared, const StudyFolder& folder,
                const Trainer& trainer, const Caller& caller, StudyObserver& observer,
                const RunnerOptions& options) {
  const std::unique_ptr<Storage> storage = OpenStorage(StorageUrl(study, folder));
  if (const std::string warning = storage->Warning(); !warning.empty()) observer.OnNotice(warning);
  Remember(*storage, study, prepared);
  TrialLedger ledger(*storage, study.name, NewClaim());
  const Session session = NewSession(study, folder, caller);
  const Leftovers leftovers = FindLeftovers(folder, &ledger, study.metric);
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
  for (const char* name :
       {"study.json", "store_url", "prepared.json", "study.db", "study.db-wal", "study.db-shm"}) {
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
  StudyConfig study = ReadStudyConfig(folder.study());
  if (fs::exists(folder.store_url())) {
    std::string url = ReadFile(folder.store_url());
    url.erase(url.find_last_not_of(" \n") + 1);
    if (WithoutPassword(url) == study.storage) study.storage = url;
  }
  return study;
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

void EnterStudy(StudyConfig study, StudyObserver& observer) {
  ExpandEnvironment(&study);
  study.storage = Anchored(study.storage);
  if (study.storage.empty()) {
    throw Error(ErrorKind::kUsage, "a store is needed that workers reach: --storage URL");
  }
  const std::unique_ptr<Storage> storage = OpenStorage(study.storage);
  if (HasTrials(*storage, study.name)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the store {} holds trials of a study '{}' already; give this one another name "
                            "(name=...) or join that one with `yoake study worker`",
                            WithoutPasswords(study.storage), study.name));
  }
  const PreparedStudy prepared = PrepareStudy(study, Trainer(study));
  for (const std::string& warning : prepared.warnings) observer.OnNotice(warning);
  Remember(*storage, study, prepared);
}

RunnerEnd WorkOnStudy(const std::string& storage_url, const std::string& name,
                      const std::vector<std::string>& devices, const fs::path& out, const Caller& caller,
                      StudyObserver& observer, const RunnerOptions& options) {
  const std::unique_ptr<Storage> storage = OpenStorage(storage_url, OpenMode::kExisting);
  const auto attrs = storage->ReadStudy(name).user_attrs;
  const auto text = attrs.find(kStudyKey);
  const auto prepared_text = attrs.find(kPreparedKey);
  const std::string where = "study '" + name + "'";
  if (text == attrs.end() || prepared_text == attrs.end()) {
    throw Error(ErrorKind::kUsage,
                "it remembers no trainer, so no worker can run its trials; put a study into the store by "
                "`yoake study run` or `yoake study create`, or use `yoake ask` and `yoake tell`",
                where);
  }
  StudyConfig study = ParseStudyConfig(JsonReader(text->second, where), "/");
  if (!devices.empty()) study.devices = devices;
  study.Validate();
  const PreparedStudy prepared = PreparedStudyFromJson(prepared_text->second, where);
  const Trainer trainer(study);
  const StudyFolder folder(out);
  const StudyLock lock(folder);
  if (const std::string warning = storage->Warning(); !warning.empty()) observer.OnNotice(warning);
  TrialLedger ledger(*storage, name, NewClaim());
  const Session session = NewSession(study, folder, caller);
  ResultsWriter results(study, prepared, folder, session);
  return RunTrials({study, prepared, folder, trainer, ledger, results, observer, options}, {}, {});
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
