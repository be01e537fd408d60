#include "cli/opened_study.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "studies/study.h"

namespace yoake::cli {
namespace {

namespace fs = std::filesystem;

std::string OnlyStudy(studies::Storage& storage, const Target& target) {
  std::vector<std::string> names;
  for (const auto& study : storage.Studies()) names.push_back(study.name);
  if (target.name.empty() && names.size() == 1) return names.front();
  if (target.name.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the store holds {} studies; say which by --study{}", names.size(),
                            DidYouMean("", names)),
                target.place);
  }
  if (!storage.HasStudy(target.name)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the store has no study '{}'{}", target.name, DidYouMean(target.name, names)),
                target.place);
  }
  return target.name;
}

}  // namespace

OpenedStudy OpenStudy(const Target& target) {
  if (target.place.find("://") != std::string::npos) {
    const auto storage = studies::OpenStorage(target.place, studies::OpenMode::kExisting);
    const std::string name = OnlyStudy(*storage, target);
    return {name, storage->ReadHistory(name), std::nullopt};
  }
  const studies::StudyFolder folder(target.place);
  const studies::StudyConfig study = studies::ReadResolvedStudy(folder);
  OpenedStudy opened{study.name, {{study.direction}, {}}, folder};
  // A driver that has just begun has no store yet.
  if (study.storage.empty() && !fs::exists(folder.root() / "study.db")) return opened;
  const auto storage = studies::OpenStorage(studies::StorageUrl(study, folder));
  if (storage->HasStudy(study.name)) opened.history = storage->ReadHistory(study.name);
  return opened;
}

std::shared_ptr<Target> AddTarget(CLI::App* command) {
  auto target = std::make_shared<Target>();
  command->add_option("DIR|URL", target->place, "The study's folder, or its store (sqlite:///study.db)")
      ->required();
  command->add_option("--study", target->name, "Name, when the store holds several studies");
  return target;
}

std::shared_ptr<bool> AddJson(CLI::App* command) {
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "Print JSON");
  return as_json;
}

}  // namespace yoake::cli
