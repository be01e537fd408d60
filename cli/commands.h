#pragma once

#include <CLI/CLI.hpp>

namespace yoake::cli {

// One function a subcommand file: declares its options on `app` and sets the callback. A callback reads
// argv's values, calls a room and prints; it sets *exit_code (0 fine, 1 regression found or work failed, 2
// usage or configuration, 3 inconclusive). yoake::Error is caught, printed and turned into an exit code in
// main.cc.
void AddAsk(CLI::App& app, int* exit_code);
void AddTell(CLI::App& app, int* exit_code);
void AddStorage(CLI::App& app, int* exit_code);  // check, upgrade, export, import
void AddStudy(CLI::App& app, int* exit_code);    // study_commands.h lists its parts
void AddTrain(CLI::App& app, int* exit_code);    // runs yoake-trainer
void AddPredict(CLI::App& app, int* exit_code);  // runs yoake-trainer
void AddExport(CLI::App& app, int* exit_code);   // runs yoake-trainer
void AddEval(CLI::App& app, int* exit_code);
void AddCompare(CLI::App& app, int* exit_code);
void AddCheck(CLI::App& app, int* exit_code);
void AddReport(CLI::App& app, int* exit_code);
void AddDataset(CLI::App& app, int* exit_code);  // check, stats, show, synth, merge, split
void AddDoctor(CLI::App& app, int* exit_code);

// Prints what argv got wrong, with a did-you-mean and the --help to read, on stderr; --help itself on stdout.
// Returns the exit code.
int ReportParseError(const CLI::App& app, const CLI::ParseError& error);

}  // namespace yoake::cli
