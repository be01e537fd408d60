#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <opencv2/core/utility.hpp>

#include "core/error.h"
#include "core/terminal_line.h"
#include "trainer/augment/sample_sheet.h"
#include "trainer/bench/augment_bench.h"
#include "trainer/bench/bench.h"
#include "trainer/blas.h"
#include "trainer/device.h"
#include "trainer/onnx/export.h"
#include "trainer/predict/predictor.h"
#include "trainer/train_command.h"
#include "trainer/version.h"

namespace {

using namespace yoake::trainer;

volatile std::sig_atomic_t stop_asked = 0;

void AskToStop(int signal) {
  stop_asked = 1;
  std::signal(signal, SIG_DFL);  // The second one ends the program at once.
}

// From the process that watches over this one, which may have got what this one has got too.
void AskToStopOnly(int) { stop_asked = 1; }

void AddTrain(CLI::App& app, int* exit_code) {
  auto* command = app.add_subcommand("train", "Train one detector from a configuration file");
  command->footer(
      "Examples:\n"
      "  yoake train config.json data.train=train.json data.val=val.json\n"
      "  yoake train config.json --out runs/mine optimizer.lr=0.01 epochs=40\n"
      "  yoake train config.json --fast data.train=train.json data.val=val.json\n"
      "  yoake train --resume --out runs/mine\n"
      "  yoake train a.json b.json --validate-only\n\n"
      "The run's folder holds weights/, results.csv, results.svg (renewed each epoch),\n"
      "training_result.json, events for TensorBoard (tensorboard --logdir runs) and log.txt.\n"
      "SIGTERM or Ctrl-C writes weights/last.pt and stops; --resume goes on at that step.\n"
      "When memory runs out the run goes on with less and says so (configs/README.md, Memory).");
  auto arguments = std::make_shared<TrainArguments>();
  command->add_option("words", arguments->words, "Configuration file and key=value overrides")
      ->type_name("CONFIG.json [key=value ...]");
  command->add_option("--out", arguments->out, "The run's folder (default: a new one under runs/train/)");
  command->add_option("--tag", arguments->tag, "Part of the default folder's name");
  command->add_flag("--fast", arguments->fast, "A first look in minutes: preset=fast, before the overrides");
  command->add_flag("--resume", arguments->resume,
                    "Go on from the folder's weights/last.pt, if there is one");
  command->add_flag("--validate-only", arguments->validate_only,
                    "Check configurations and data, train nothing");
  command->add_flag("--print-config", arguments->print_config,
                    "Print the resolved configuration, train nothing");
  command->callback([arguments, exit_code] {
    std::signal(SIGTERM, AskToStop);
    std::signal(SIGINT, AskToStop);
    std::signal(SIGUSR1, AskToStopOnly);
    arguments->stop = [] { return stop_asked != 0; };
    *exit_code = RunTrainCommand(*arguments);
  });
}

void AddPredict(CLI::App& app) {
  auto* command = app.add_subcommand("predict", "Detect with a checkpoint or an ONNX file, draw the boxes");
  command->footer(
      "Examples:\n"
      "  yoake predict --checkpoint weights/best.pt --images photos/ --out detections.json --draw drawn/\n"
      "  yoake predict --checkpoint weights/best.pt --images test.json --out dt.json && "
      "yoake eval --gt test.json --dt dt.json");
  auto options = std::make_shared<PredictOptions>();
  command
      ->add_option("--checkpoint", options->checkpoint, "weights/best.pt of a run, or an ONNX file of export")
      ->required();
  command->add_option("--images", options->images, "A folder of images, a COCO dataset, or a video")
      ->required();
  command->add_option("--out", options->out, "COCO results file")->required();
  command->add_option("--draw", options->draw,
                      "Folder for pictures, or the video, with boxes (truth white and dashed)");
  command->add_option("--draw-limit", options->draw_limit,
                      "Draw at most so many pictures or frames (0: all)");
  command->add_option("--draw-threshold", options->draw_threshold, "Lowest score that is drawn")
      ->capture_default_str();
  command->add_option("--score-threshold", options->score_threshold,
                      "Lowest score that is written (default: the checkpoint's)");
  command->add_option("--device", options->device, "cpu, cuda, cuda:N")->capture_default_str();
  command->add_option("--threads", options->threads, "CPU threads")->capture_default_str();
  command->callback([options] {
    const PredictSummary summary = Predict(*options);
    for (const std::string& warning : summary.warnings) spdlog::warn("{}", warning);
    spdlog::info("{} detections in {} images, {:.1f} images/s: {}", summary.detections, summary.images,
                 static_cast<double>(summary.images) / summary.seconds, options->out.string());
  });
}

void AddShow(CLI::App& app) {
  auto* command =
      app.add_subcommand("show", "Draw a dataset's images with their boxes, or augmented samples");
  command->footer(
      "Examples:\n"
      "  yoake dataset show train.json --out sheet.png\n"
      "  yoake dataset show train.json --augmented config.json --out sheet.png augment.mixup.prob=0.5\n"
      "  yoake dataset show train.json --augmented config.json --transform copy_paste --out sheet.png");
  auto options = std::make_shared<SheetOptions>();
  command->add_option("dataset", options->dataset, "COCO annotation file")->required();
  command->add_option("overrides", options->overrides, "key=value, laid over the configuration");
  command->add_option("--images", options->images,
                      "Image folder (default: images/, ../images/ or the folder of the annotations)");
  command->add_option(
      "--augmented", options->config,
      "Training configuration: its transforms, before and after, and samples as training sees them");
  command
      ->add_option("--transform", options->transforms,
                   "These alone, also where the configuration has them off (names by commas)")
      ->delimiter(',');
  command->add_option("--out", options->out, "The sheet to write, .png or .jpg")->required();
  command->add_option("--count", options->count, "Images or samples")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--cell", options->cell_px, "Largest side of one picture, pixels")
      ->check(CLI::Range(32, 2048))
      ->capture_default_str();
  command->callback([options] {
    for (const std::string& warning : DrawSampleSheet(*options)) spdlog::warn("{}", warning);
    spdlog::info("wrote {}", options->out.string());
  });
}

void AddExport(CLI::App& app) {
  auto* command = app.add_subcommand("export", "Write a trained checkpoint as an ONNX file");
  command->footer(
      "Examples:\n"
      "  yoake export --checkpoint weights/best.pt --out model.onnx\n"
      "  yoake export --checkpoint weights/best.pt --out model.onnx --input-size 320 --batch dynamic\n"
      "  yoake predict --checkpoint model.onnx --images photos/ --out detections.json\n\n"
      "Names and layout are those of Megvii's export_onnx.py:\n"
      "images [B, 3, S, S] BGR 0..255 -> output [B, A, 5 + nc].");
  auto options = std::make_shared<ExportOptions>();
  auto batch = std::make_shared<int>(1);
  auto format = std::make_shared<std::string>("onnx");
  command->add_option("--checkpoint", options->checkpoint, "weights/best.pt of a run")->required();
  command->add_option("--out", options->out, "The file to write")->required();
  command->add_option("--format", *format, "Of the file")
      ->check(CLI::IsMember({"onnx"}))
      ->capture_default_str();
  command->add_option("--input-size", options->input_size, "Pixels, a multiple of 32 (default: as trained)");
  command->add_option("--batch", *batch, "Images a run; dynamic leaves it open")
      ->transform(CLI::Transformer(std::map<std::string, int>{{"dynamic", 0}}, CLI::ignore_case))
      ->type_name("N|dynamic")
      ->capture_default_str();
  command->add_flag("--decode,!--no-decode", options->decode,
                    "Boxes in input pixels (default), or as offsets and logarithms for programs that decode");
  command->callback([options, batch, format] {
    options->batch = *batch == 0 ? std::nullopt : std::optional(*batch);
    const ExportSummary summary = ExportOnnx(*options);
    spdlog::info("{}: {:.1f} MB in {:.2f} s", options->out.string(), static_cast<double>(summary.bytes) / 1e6,
                 summary.seconds);
    if (summary.difference) {
      spdlog::info("OpenCV's answers differ from LibTorch's by {:.1g} at most", *summary.difference);
    } else {
      spdlog::warn("written, but not checked: {}", summary.not_run);
    }
  });
}

void PrintAugmentCosts(const std::vector<AugmentCost>& costs, bool as_json) {
  nlohmann::ordered_json object;
  for (const auto& [name, ms] : costs) object[name] = ms;
  if (as_json) std::printf("%s\n", object.dump(1).c_str());
  for (const auto& [name, ms] : costs) {
    if (!as_json) std::printf("%-16s %6.3f ms a sample\n", name.c_str(), ms);
  }
}

void AddBench(CLI::App& app) {
  auto* command = app.add_subcommand("bench", "Images per second of training and inference");
  command->footer("Example:\n  yoake-trainer bench --size nano --input 320 --batch 8 --threads 1");
  auto options = std::make_shared<BenchOptions>();
  auto augment = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("--augment", *augment, "COCO file: what each transform costs a sample, instead");
  command->add_option("--size", options->model.size, "nano, tiny, s, m, l, x")->capture_default_str();
  command->add_option("--input", options->input_size, "Pixels, a multiple of 32")->capture_default_str();
  command->add_option("--batch", options->batch, "Images a step")->capture_default_str();
  command->add_option("--threads", options->threads, "CPU threads")->capture_default_str();
  command->add_option("--classes", options->num_classes, "Categories")->capture_default_str();
  command->add_option("--repeats", options->repeats, "Timed rounds; the median counts")
      ->capture_default_str();
  command->add_option("--steps", options->steps, "Steps a round")->capture_default_str();
  command->add_option("--device", options->device, "cpu, cuda, cuda:N")->capture_default_str();
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([options, augment, json] {
    if (!augment->empty()) {
      PrintAugmentCosts(BenchAugment(*augment, options->input_size), *json);
      return;
    }
    const BenchResult result = Bench(*options);
    if (*json) {
      const nlohmann::json object = {{"train_images_per_s", result.train_images_per_s},
                                     {"train_low", result.train_low},
                                     {"train_high", result.train_high},
                                     {"infer_images_per_s", result.infer_images_per_s},
                                     {"infer_low", result.infer_low},
                                     {"infer_high", result.infer_high}};
      std::printf("%s\n", object.dump(1).c_str());
      return;
    }
    std::printf("train %6.1f images/s (%.1f to %.1f)\ninfer %6.1f images/s (%.1f to %.1f)\n",
                result.train_images_per_s, result.train_low, result.train_high, result.infer_images_per_s,
                result.infer_low, result.infer_high);
  });
}

void AddDoctor(CLI::App& app) {
  auto* command = app.add_subcommand("doctor", "LibTorch, BLAS, threads and devices in use");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([json] {
    SetThreads(1);
    const nlohmann::json found = {{"trainer", Version()},
                                  {"libtorch", LibTorchVersion()},
                                  {"blas", BlasDescription()},
                                  {"gpus", GpuDescription()}};
    if (*json) {
      std::printf("%s\n", found.dump(1).c_str());
      return;
    }
    for (const auto& [name, value] : found.items()) {
      std::printf("%-10s %s\n", name.c_str(), value.get<std::string>().c_str());
    }
  });
}

int Run(int argc, char** argv) {
  CLI::App app(
      "yoake-trainer: trains YOLOX detectors on LibTorch; `yoake train`, `predict` and `export` run it",
      "yoake-trainer");
  app.set_version_flag("--version", "yoake-trainer " + Version() + " (" + Commit() + ")");
  app.footer(
      "Example:\n  yoake-trainer train config.json data.train=train.json data.val=val.json\n\n"
      "Exit codes: 0 fine, 1 training failed, 2 usage, configuration or data.");
  app.require_subcommand(1);
  int exit_code = 0;
  AddTrain(app, &exit_code);
  AddPredict(app);
  AddExport(app);
  AddShow(app);
  AddBench(app);
  AddDoctor(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  PrepareProcess(argc, argv);
  spdlog::set_default_logger(spdlog::stderr_color_mt("yoake-trainer"));
  // On a terminal a log line first clears the progress line that it stands on.
  const char* clear = yoake::TerminalLine::IsTerminal() ? yoake::TerminalLine::kClear : "";
  spdlog::set_pattern(clear + std::string("[%T] %^%l%$ %v"));
  spdlog::flush_on(spdlog::level::info);
  cv::setNumThreads(1);  // Images are small; the threads are the loader's and LibTorch's.
  try {
    return Run(argc, argv);
  } catch (const yoake::Error& error) {
    std::fprintf(stderr, "yoake-trainer: %s\n", error.what());
    return yoake::ExitCode(error.kind());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "yoake-trainer: internal error: %s\n", error.what());
    return 1;
  }
}
