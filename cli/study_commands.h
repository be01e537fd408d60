#pragma once

#include <CLI/CLI.hpp>

namespace yoake::cli {

// The parts of `yoake study`, each on the group's own App (commands.h tells the rules).
void AddStudyRun(CLI::App& study, int* exit_code);      // run, create
void AddStudyResume(CLI::App& study, int* exit_code);   // resume, stop
void AddStudyWorker(CLI::App& study, int* exit_code);   // worker
void AddStudyShow(CLI::App& study, int* exit_code);     // status, best, list, trials
void AddStudyAnalyse(CLI::App& study, int* exit_code);  // importance, pareto, history

}  // namespace yoake::cli
