#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/opened_study.h"
#include "cli/study_commands.h"
#include "reports/number_text.h"
#include "reports/table.h"
#include "search/importance.h"
#include "studies/study_view.h"

namespace yoake::cli {
namespace {

using nlohmann::json;

std::shared_ptr<std::string> AddFormat(CLI::App* command) {
  auto format = std::make_shared<std::string>("table");
  command->add_option("--format", *format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}));
  command->add_flag_callback(
      "--json", [format] { *format = "json"; }, "Print JSON");
  return format;
}

void Print(const std::string& format, const json& as_json, const reports::Table& table) {
  if (format == "json") {
    std::cout << as_json.dump(1) << '\n';
  } else {
    std::cout << (format == "csv" ? reports::ToCsv(table) : reports::ToText(table));
  }
}

std::string Exact(const json& value) {
  if (value.is_null()) return "";
  if (value.is_number_float()) return reports::ExactText(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// What a table shows of a parameter's value.
std::string Brief(const json& value) {
  return value.is_number_float() ? fmt::format("{:.4g}", value.get<double>()) : Exact(value);
}

reports::Table ImportanceTable(const json& importance, bool exact) {
  const auto text = [&](const json& share) {
    return exact ? Exact(share) : fmt::format("{:.3f}", share.get<double>());
  };
  reports::Table table{{{"parameter", reports::Align::kLeft}, {"importance"}, {"low"}, {"high"}, {"trials"}},
                       {}};
  for (const json& one : importance["parameters"]) {
    table.rows.push_back({Exact(one["name"]), text(one["importance"]), text(one["low"]), text(one["high"]),
                          Exact(one["trials"])});
  }
  return table;
}

// One row a trial: number, the objectives' values, parameters.
reports::Table FrontTable(const json& front, bool exact) {
  reports::Table table{{{"number"}}, {}};
  if (front.empty()) return table;
  const std::size_t n_values = front[0]["values"].size();
  for (std::size_t k = 0; k < n_values; ++k) {
    table.columns.push_back({n_values == 1 ? "value" : fmt::format("values_{}", k)});
  }
  json params = json::object();
  for (const json& trial : front) params.update(trial["params"]);
  for (const auto& [name, unused] : params.items()) table.columns.push_back({name});
  for (const json& trial : front) {
    std::vector<reports::Cell> row = {Exact(trial["number"])};
    for (const json& value : trial["values"]) row.push_back(Exact(value));
    for (const auto& [name, unused] : params.items()) {
      const json value = trial["params"].value(name, json());
      row.push_back(exact ? Exact(value) : Brief(value));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

reports::Table HistoryTable(const json& trials) {
  reports::Table table{{{"number"}, {"state", reports::Align::kLeft}, {"value"}, {"best"}}, {}};
  for (const json& trial : trials) {
    table.rows.push_back(
        {Exact(trial["number"]), Exact(trial["state"]), Exact(trial["value"]), Exact(trial["best"])});
  }
  return table;
}

void AddImportance(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("importance", "Which parameters matter, with intervals");
  command->footer(
      "Example:\n"
      "  yoake study importance runs/blood_labels --method ped-anova\n"
      "fanova: share of the variance that a parameter explains alone, what is left are interactions;\n"
      "ped-anova: how much the best trials differ in the parameter from all, the sum is 1. The factors of\n"
      "variants count as parameters. The interval is that of repetitions under other seeds.");
  const auto target = AddTarget(command);
  auto options = std::make_shared<search::ImportanceOptions>();
  auto method = std::make_shared<std::string>(ToString(options->method));
  command->add_option("--method", *method, "fanova or ped-anova (default fanova)");
  command->add_option("--objective", options->objective, "Name or place, when the study has several");
  command->add_option("--repeats", options->repeats, "Repetitions for the interval (default 10)");
  const auto format = AddFormat(command);
  command->callback([=] {
    options->method = search::ParseImportanceMethod(*method);
    const json importance = studies::ImportanceJson(OpenStudy(*target).history, *options);
    Print(*format, importance, ImportanceTable(importance, *format == "csv"));
    if (*format == "table" && importance["rest"] > 0) {
      std::cout << fmt::format("interactions: {:.3f}\n", importance["rest"].get<double>());
    }
    *exit_code = 0;
  });
}

void AddPareto(CLI::App& study, int* exit_code) {
  auto* command =
      study.add_subcommand("pareto", "The complete trials that no other beats in every objective");
  command->footer("Example:\n  yoake study pareto sqlite:///study.db --study night --format csv");
  const auto target = AddTarget(command);
  const auto format = AddFormat(command);
  command->callback([=] {
    const json front = studies::ParetoJson(OpenStudy(*target).history);
    Print(*format, front, FrontTable(front, *format == "csv"));
    *exit_code = front.empty() ? 1 : 0;
  });
}

void AddHistory(CLI::App& study, int* exit_code) {
  auto* command = study.add_subcommand("history", "The value of each trial and the best value so far");
  command->footer("Example:\n  yoake study history runs/blood_labels --format csv > history.csv");
  const auto target = AddTarget(command);
  auto objective = std::make_shared<std::string>();
  command->add_option("--objective", *objective, "Name or place, when the study has several");
  const auto format = AddFormat(command);
  command->callback([=] {
    const json history = studies::HistoryJson(OpenStudy(*target).history, *objective);
    Print(*format, history, HistoryTable(history));
    *exit_code = 0;
  });
}

}  // namespace

void AddStudyAnalyse(CLI::App& study, int* exit_code) {
  AddImportance(study, exit_code);
  AddPareto(study, exit_code);
  AddHistory(study, exit_code);
}

}  // namespace yoake::cli
