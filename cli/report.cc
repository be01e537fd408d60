#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/commands.h"
#include "reports/study_report.h"

namespace yoake::cli {

void AddReport(CLI::App& app, int* exit_code) {
  struct Options {
    std::string folder;
    std::string out;
    bool json = false;
  };
  auto* command =
      app.add_subcommand("report", "A study's report, again: report.md, pictures, per_category.csv");
  command->footer("Example:\n  yoake report runs/blood_labels --out docs/blood_labels");
  auto options = std::make_shared<Options>();
  command->add_option("DIR", options->folder, "The study's folder (the --out of `yoake study run`)")
      ->required();
  command->add_option("--out", options->out, "Folder to write into (default: the study's own)");
  command->add_flag("--json", options->json, "Print one JSON object with the paths instead of the tables");
  command->callback([options, exit_code] {
    const std::filesystem::path folder = options->folder;
    const std::filesystem::path report = reports::WriteStudyReport(folder, options->out);
    if (options->json) {
      const std::filesystem::path out = report.parent_path();
      std::cout << nlohmann::json({{"report", report.string()},
                                   {"per_category", (out / "per_category.csv").string()},
                                   {"pictures", (out / "img").string()}})
                       .dump(1)
                << '\n';
    } else {
      std::cout << reports::SummaryText(reports::ReadStudyResults(folder / "results.json"))
                << "\nreport: " << report.string() << '\n';
    }
    *exit_code = 0;
  });
}

}  // namespace yoake::cli
