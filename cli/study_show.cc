#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/opened_study.h"
#include "cli/study_commands.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "reports/number_text.h"
#include "reports/table.h"
#include "studies/storage/storage.h"
#include "studies/study.h"
#include "studies/study_view.h"

namespace yoake::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string Word(const json& value) {
  if (value.is_null()) return "";
  if (value.is_number_float()) return reports::ExactText(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string Label(const json& variant) {
  std::string label;
  for (const auto& [factor, level] : variant.items()) label += (label.empty() ? "" : " / ") + Word(level);
  return label;
}

// One column a parameter, full precision.
reports::Table TrialsTable(const json& trials) {
  std::set<std::string> params;
  for (const json& trial : trials) {
    for (const auto& [name, unused] : trial["params"].items()) params.insert(name);
  }
  reports::Table table;
  table.columns = {
      {"number"}, {"state", reports::Align::kLeft}, {"variant", reports::Align::kLeft}, {"value"}};
  for (const std::string& name : params) table.columns.push_back({name});
  table.columns.push_back({"seconds"});
  table.columns.push_back({"reason", reports::Align::kLeft});
  for (const json& trial : trials) {
    std::vector<reports::Cell> row = {Word(trial["number"]), Word(trial["state"]), Label(trial["variant"]),
                                      trial["values"].empty() ? "" : Word(trial["values"][0])};
    for (const std::string& name : params) row.push_back(Word(trial["params"].value(name, json())));
    row.push_back(trial["seconds"].is_number() ? fmt::format("{:.1f}", trial["seconds"].get<double>()) : "");
    row.push_back(Word(trial["reason"]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

void PrintBest(const json& best) {
  if (best.is_null()) {
    std::cout << "no trial is complete yet\n";
    return;
  }
  std::cout << "trial " << best["number"] << "  " << Label(best["variant"]) << "\nvalue "
            << Word(best["values"][0]) << '\n';
  const std::size_t runs = best["runs"].size();
  if (best["standard_error"].is_null()) {
    std::cout << "runs  1, and no configuration was repeated: how much is noise is not known\n";
  } else {
    std::cout << "expected  " << Word(best["estimate"]) << ", standard error " << Word(best["standard_error"])
              << ", mean " << Word(best["mean"]) << " of " << runs << (runs == 1 ? " run\n" : " runs\n");
  }
  for (const auto& [name, value] : best["params"].items())
    std::cout << "  " << name << " = " << Word(value) << '\n';
}

void PrintStatus(const json& status) {
  std::cout << status["name"].get<std::string>() << ": ";
  std::string counts;
  for (const auto& [state, count] : status["trials"].items()) {
    if (count != 0) counts += (counts.empty() ? "" : ", ") + count.dump() + " " + state;
  }
  std::cout << (counts.empty() ? "no trials yet" : counts)
            << (status["driver"].is_null() ? ", nothing drives it"
                                           : ", driven by process " + status["driver"].dump())
            << '\n';
  for (const json& ended : status["terminated"]) {
    const std::string label = Label(ended["variant"]);
    std::cout << "  " << (label.empty() ? "" : label + ": ") << "ended early: " << Word(ended["reason"])
              << '\n';
  }
  for (const json& trial : status["running"]) {
    std::cout << "  trial " << trial["number"] << "  " << Label(trial["variant"]) << "  epoch "
              << trial["epoch"];
    if (!trial["epochs"].is_null()) std::cout << "/" << trial["epochs"];
    if (!trial["value"].is_null()) std::cout << "  " << Word(trial["value"]);
    std::cout << '\n';
  }
  if (!status["best"].is_null()) {
    std::cout << "best: ";
    PrintBest(status["best"]);
  }
}

void AddStatus(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("status", "How far a study is");
  command->footer("Example:\n  yoake study status runs/blood_labels --json");
  const auto target = AddTarget(command);
  const auto as_json = AddJson(command);
  command->callback([=] {
    const OpenedStudy opened = OpenStudy(*target);
    const json status =
        studies::StatusJson(opened.name, opened.history, opened.folder ? &*opened.folder : nullptr);
    if (*as_json) {
      std::cout << status.dump(1) << '\n';
    } else {
      PrintStatus(status);
    }
    *exit_code = 0;
  });
}

void AddBest(CLI::App& study, int* exit_code) {
  auto* command =
      study.add_subcommand("best", "The best configuration, by its repeated runs where values differ");
  command->footer("Example:\n  yoake study best runs/blood_labels --json");
  const auto target = AddTarget(command);
  const auto as_json = AddJson(command);
  command->callback([=] {
    const json best = studies::BestJson(OpenStudy(*target).history);
    if (*as_json) {
      std::cout << best.dump(1) << '\n';
    } else {
      PrintBest(best);
    }
    *exit_code = best.is_null() ? 1 : 0;
  });
}

void AddList(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("list", "The studies of a store");
  command->footer("Example:\n  yoake study list sqlite:///study.db");
  const auto target = AddTarget(command);
  const auto as_json = AddJson(command);
  command->callback([=] {
    const bool url = target->place.find("://") != std::string::npos;
    const studies::StudyFolder folder(target->place);
    const std::string place =
        url ? target->place : studies::StorageUrl(studies::ReadResolvedStudy(folder), folder);
    const json studies = studies::StudiesJson(*studies::OpenStorage(place, studies::OpenMode::kExisting));
    if (*as_json) {
      std::cout << studies.dump(1) << '\n';
    } else {
      for (const json& one : studies) std::cout << Word(one["name"]) << "  " << one["trials"].dump() << '\n';
    }
    *exit_code = 0;
  });
}

void AddTrials(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("trials", "Every trial with its parameters and value");
  command->footer("Example:\n  yoake study trials runs/blood_labels --format csv");
  const auto target = AddTarget(command);
  auto format = std::make_shared<std::string>("table");
  command->add_option("--format", *format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}));
  const auto as_json = AddJson(command);
  command->callback([=] {
    const json trials = studies::TrialsJson(OpenStudy(*target).history);
    if (*as_json || *format == "json") {
      std::cout << trials.dump(1) << '\n';
    } else {
      const reports::Table table = TrialsTable(trials);
      std::cout << (*format == "csv" ? reports::ToCsv(table) : reports::ToText(table));
    }
    *exit_code = 0;
  });
}

}  // namespace

void AddStudyShow(CLI::App& study, int* exit_code) {
  AddStatus(study, exit_code);
  AddBest(study, exit_code);
  AddList(study, exit_code);
  AddTrials(study, exit_code);
}

}  // namespace yoake::cli
