#include <cstdio>
#include <exception>
#include <string>

#include "cli/commands.h"
#include "cli/version.h"
#include "core/error.h"
#include "studies/storage/store_url.h"

namespace {

constexpr char kExamples[] =
    "First steps:\n"
    "  yoake dataset synth --out scenes          make a small thermal-like dataset\n"
    "  yoake study run STUDY.json                search overnight, report at dawn\n"
    "  yoake study resume runs/STUDY             go on after a stop or a crash\n"
    "  yoake eval --gt GT.json --dt DT.json      score detections the COCO way\n"
    "  yoake compare --gt GT.json a=A.json b=B.json   which is better, what is noise\n"
    "\n"
    "Exit codes: 0 fine, 1 work failed or regression, 2 usage or configuration, 3 inconclusive.\n"
    "Data goes to stdout, logs to stderr.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("yoake: hyperparameter search and evaluation for object detection", "yoake");
  app.set_version_flag("--version", yoake::cli::VersionText());
  app.footer(kExamples);
  app.require_subcommand(1);
  app.fallthrough(false);

  int exit_code = 0;
  yoake::cli::AddStudy(app, &exit_code);
  yoake::cli::AddAsk(app, &exit_code);
  yoake::cli::AddTell(app, &exit_code);
  yoake::cli::AddStorage(app, &exit_code);
  yoake::cli::AddTrain(app, &exit_code);
  yoake::cli::AddPredict(app, &exit_code);
  yoake::cli::AddExport(app, &exit_code);
  yoake::cli::AddEval(app, &exit_code);
  yoake::cli::AddCompare(app, &exit_code);
  yoake::cli::AddCheck(app, &exit_code);
  yoake::cli::AddReport(app, &exit_code);
  yoake::cli::AddDataset(app, &exit_code);
  yoake::cli::AddDoctor(app, &exit_code);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return yoake::cli::ReportParseError(app, error);
  } catch (const yoake::Error& error) {
    // The last of several nets: addresses of stores stand in many messages, their passwords in none.
    std::fprintf(stderr, "yoake: %s\n", yoake::studies::WithoutPasswords(error.what()).c_str());
    return yoake::ExitCode(error.kind());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "yoake: internal error: %s\n",
                 yoake::studies::WithoutPasswords(error.what()).c_str());
    return 1;
  }
  return exit_code;
}
