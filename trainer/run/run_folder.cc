#include "trainer/run/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cctype>
#include <ctime>

#include "core/atomic_file.h"
#include "core/error.h"
#include "trainer/version.h"

namespace yoake::trainer {
namespace {

std::string FileName(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '+';
    name += plain ? c : '_';
  }
  return name.empty() || name[0] == '.' ? "_" + name : name;
}

}  // namespace

void RunFolder::Append(const TrialEvent& event) const { AppendLine(events(), ToJsonLine(event)); }

std::filesystem::path RunFamily(const std::filesystem::path& out, const RunName& name) {
  return out / "train" / FileName(name.dataset) / FileName(name.model) / FileName(name.config) /
         FileName(name.tag);
}

std::filesystem::path NewRun(const std::filesystem::path& family) {
  const std::string stem = fmt::format("{:%Y%m%dT%H%M%SZ}_{}", fmt::gmtime(std::time(nullptr)), Commit());
  std::filesystem::path folder = family / stem;
  for (int i = 2; std::filesystem::exists(folder); ++i) folder = family / fmt::format("{}-{}", stem, i);
  return folder;
}

std::filesystem::path LatestRun(const std::filesystem::path& family) {
  std::filesystem::path latest;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(family, code)) {
    if (!std::filesystem::exists(RunFolder{entry.path()}.last())) continue;
    if (entry.path() > latest) latest = entry.path();
  }
  if (latest.empty()) {
    throw Error(ErrorKind::kUsage, "no run to resume here; name its folder with --out", family.string());
  }
  return latest;
}

}  // namespace yoake::trainer
