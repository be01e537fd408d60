#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "studies/storage/check.h"
#include "studies/storage/journal.h"
#include "studies/storage/transfer.h"
#include "studies/storage/upgrade.h"

namespace yoake::cli {
namespace {

using nlohmann::json;
using studies::StoreFinding;

std::shared_ptr<std::string> AddUrl(CLI::App* command) {
  auto url = std::make_shared<std::string>();
  command->add_option("--storage", *url, "The store: sqlite:///FILE or postgresql://user@host:port/db")
      ->required();
  return url;
}

json ToJson(const std::vector<StoreFinding>& findings) {
  json list = json::array();
  int errors = 0;
  for (const StoreFinding& finding : findings) {
    const bool error = finding.severity == StoreFinding::Severity::kError;
    errors += error;
    list.push_back({{"kind", finding.kind},
                    {"severity", error ? "error" : "warning"},
                    {"message", finding.message},
                    {"mend", finding.mend}});
  }
  return {{"errors", errors}, {"warnings", static_cast<int>(findings.size()) - errors}, {"findings", list}};
}

void AddStorageCheck(CLI::App& storage, int* exit_code) {
  auto* command = storage.add_subcommand("check", "Verify a store and say what is wrong and how to mend it");
  command->footer(
      "Example:\n  yoake storage check --storage sqlite:///runs/night/study.db\n"
      "Exit code 0: nothing wrong (warnings may be), 1: errors found, 2: there is no such store.");
  const auto url = AddUrl(command);
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "Print JSON");
  command->callback([=] {
    const json found = ToJson(studies::CheckStore(*url));
    if (*as_json) {
      std::cout << found.dump(1) << '\n';
    } else {
      for (const json& finding : found["findings"]) {
        std::cout << finding["severity"].get<std::string>() << ": " << finding["message"].get<std::string>()
                  << "\n  mend: " << finding["mend"].get<std::string>() << '\n';
      }
      std::cout << found["errors"] << " errors, " << found["warnings"] << " warnings\n";
    }
    *exit_code = found["errors"] == 0 ? 0 : 1;
  });
}

void AddStorageUpgrade(CLI::App& storage, int* exit_code) {
  auto* command =
      storage.add_subcommand("upgrade", "Bring a store of Optuna 3.1 to the form of Optuna 3.2 to 5");
  command->footer("Example:\n  yoake storage upgrade --storage sqlite:///old.db\nTake a copy first.");
  const auto url = AddUrl(command);
  command->callback([=] {
    const studies::Upgrade upgrade = studies::UpgradeStore(*url);
    std::cout << (upgrade.from == upgrade.to ? upgrade.to + ": nothing to do"
                                             : upgrade.from + " -> " + upgrade.to)
              << '\n';
    *exit_code = 0;
  });
}

void AddStorageExport(CLI::App& storage, int* exit_code) {
  auto* command = storage.add_subcommand("export", "Write a store's studies as Optuna's journal file");
  command->footer("Example:\n  yoake storage export --storage sqlite:///study.db --out study.journal");
  const auto url = AddUrl(command);
  auto study = std::make_shared<std::string>();
  auto out = std::make_shared<std::string>();
  command->add_option("--study", *study, "This study alone");
  command->add_option("--out", *out, "The journal; must not exist yet")->required();
  command->callback([=] {
    if (std::filesystem::exists(*out)) {
      throw Error(ErrorKind::kUsage, "the file exists already; choose another name", *out);
    }
    const studies::StoreDump dump = studies::DumpStore(*url, *study);
    WriteFileAtomically(*out, studies::ToJournal(dump.studies, dump.clock));
    for (const auto& one : dump.studies) std::cout << one.name << ": " << one.trials.size() << " trials\n";
    *exit_code = 0;
  });
}

void AddStorageImport(CLI::App& storage, int* exit_code) {
  auto* command = storage.add_subcommand("import", "Put the studies of Optuna's journal file into a store");
  command->footer("Example:\n  yoake storage import study.journal --storage postgresql://me@server/yoake");
  auto file = std::make_shared<std::string>();
  command->add_option("JOURNAL", *file, "File of JournalStorage, one operation a line")->required();
  const auto url = AddUrl(command);
  auto study = std::make_shared<std::string>();
  command->add_option("--study", *study, "This study alone");
  command->callback([=] {
    studies::Journal journal = studies::ReadJournal(*file);
    for (const std::string& warning : journal.warnings) std::cerr << "yoake: " << warning << '\n';
    if (!study->empty()) {
      std::erase_if(journal.studies, [&](const studies::StudyDump& one) { return one.name != *study; });
    }
    if (journal.studies.empty()) {
      throw Error(ErrorKind::kUsage,
                  study->empty() ? "it holds no study" : "it holds no study '" + *study + "'", *file);
    }
    studies::FillStore(*url, journal.studies);
    for (const auto& one : journal.studies) std::cout << one.name << ": " << one.trials.size() << " trials\n";
    *exit_code = 0;
  });
}

}  // namespace

void AddStorage(CLI::App& app, int* exit_code) {
  auto* storage = app.add_subcommand("storage", "Look after a study store: check, upgrade, export, import");
  storage->footer("Example:\n  yoake storage check --storage sqlite:///study.db");
  storage->require_subcommand(1);
  AddStorageCheck(*storage, exit_code);
  AddStorageUpgrade(*storage, exit_code);
  AddStorageExport(*storage, exit_code);
  AddStorageImport(*storage, exit_code);
}

}  // namespace yoake::cli
