#include "trainer/run/device_fit.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/error.h"
#include "trainer/bench/bench.h"
#include "trainer/blas.h"
#include "trainer/device.h"
#include "trainer/run/memory.h"
#include "trainer/run/memory_limit.h"

#ifdef YOAKE_CUDA
#include <cuda_runtime_api.h>
#endif

namespace yoake::trainer {
namespace {

constexpr int kSmall = 1;  // Batches of the two steps.
constexpr int kLarge = 3;
constexpr unsigned kLongest_s = 300;  // At a limit libraries may wait for memory that never comes.
constexpr double kUsableShare = 0.8;  // Allocators keep pieces, evaluation comes on top.

c10::Device DeviceOf(const std::string& device) {
  std::vector<std::string> warnings;
  return ResolveDevice(device, &warnings);
}

// Bytes taken at the most so far, in the terms of MemoryForTraining.
std::int64_t PeakBytes(c10::Device device) {
  if (const auto gpu_mb = PeakGpuMb(device)) return static_cast<std::int64_t>(*gpu_mb * 1e6);
  const auto limit = FindOwnLimit();
  return limit ? limit->peak : static_cast<std::int64_t>(PeakRssMb() * 1e6);
}

// In a child: its memory comes back, and where the limit kills it only this answer is missing.
std::optional<std::int64_t> PeakOfStep(const TrainConfig& config, int batch) {
  int ends[2];
  if (::pipe(ends) != 0) throw Error(ErrorKind::kIo, "no pipe to measure memory by");
  const pid_t child = ::fork();
  if (child < 0) throw Error(ErrorKind::kIo, "no process to measure memory in");
  if (child == 0) {
    ::alarm(kLongest_s);
    std::int64_t peak = 0;
    try {
      if (!ReserveBlasBuffers(config.threads)) ::_exit(1);
      const c10::Device device = DeviceOf(config.device);
      Bench({.model = config.model,
             .input_size = config.input_size,
             .batch = batch,
             .threads = config.threads,
             .repeats = 1,
             .steps = 1,
             .infer = false,
             .device = device.str()});
      peak = PeakBytes(device);
    } catch (const std::exception&) {
      ::_exit(1);
    }
    ::_exit(::write(ends[1], &peak, sizeof peak) == sizeof peak ? 0 : 1);
  }
  ::close(ends[1]);
  std::int64_t peak = 0;
  const bool told = ::read(ends[0], &peak, sizeof peak) == sizeof peak;
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return told ? std::optional(peak) : std::nullopt;
}

// MemAvailable, in bytes.
std::int64_t FreeHostMemory() {
  std::ifstream meminfo("/proc/meminfo");
  for (std::string line; std::getline(meminfo, line);) {
    if (line.starts_with("MemAvailable:")) return std::strtoll(line.c_str() + 13, nullptr, 10) * 1024;
  }
  throw Error(ErrorKind::kInternal, "no line MemAvailable", "/proc/meminfo");
}

double Megabytes(std::int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

int UsableCores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace

StepMemory MeasureStep(const TrainConfig& config) {
  const auto small = PeakOfStep(config, kSmall);
  if (!small) {
    throw Error(
        ErrorKind::kConfig,
        fmt::format("not even a step of one image of {0} x {0} pixels fits into memory; take a smaller "
                    "input_size or model.size",
                    config.input_size),
        "preset device");
  }
  const auto large = PeakOfStep(config, kLarge);
  const std::int64_t image = large ? std::max<std::int64_t>((*large - *small) / (kLarge - kSmall), 1)
                                   : MemoryForTraining(config.device);  // So that one is all that fits.
  return {.fixed = *small - kSmall * image, .image = image};
}

std::int64_t MemoryForTraining(const std::string& device) {
#ifdef YOAKE_CUDA
  if (const c10::Device found = DeviceOf(device); found.is_cuda()) {
    std::size_t free = 0;
    std::size_t total = 0;
    if (cudaSetDevice(found.index()) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess) {
      return static_cast<std::int64_t>(free);
    }
    throw Error(ErrorKind::kInternal, "cudaMemGetInfo failed", "device " + device);
  }
#else
  static_cast<void>(device);
#endif
  if (const auto own = FindOwnLimit()) return own->most;
  std::int64_t most = FreeHostMemory() + static_cast<std::int64_t>(PeakRssMb() * 1e6);
  if (const auto group = ControlGroupLimit("/proc/self/cgroup", "/sys/fs/cgroup"))
    most = std::min(most, *group);
  return most;
}

int FittingBatch(const StepMemory& step, int step_images, std::int64_t most) {
  int batch = step_images;
  const auto taken = [&] { return static_cast<double>(step.fixed + batch * step.image); };
  while (batch > 1 && (step_images % batch != 0 || taken() > kUsableShare * static_cast<double>(most)))
    --batch;
  return batch;
}

nlohmann::json FitToDevice(const TrainConfig& config) {
  const bool on_cpu = DeviceOf(config.device).is_cpu();
  TrainConfig fitted = config;
  if (on_cpu) fitted.threads = UsableCores();
  const StepMemory step = MeasureStep(fitted);
  const std::int64_t most = MemoryForTraining(config.device);
  const int images = StepImages(config);
  const int processes = config.nproc_per_node;
  const int batch = FittingBatch(step, images / processes, most / processes);
  const std::int64_t taken = processes * (step.fixed + batch * step.image);
  const std::int64_t host = on_cpu ? most - taken : MemoryForTraining("cpu");
  const double cache_gb = std::floor(Megabytes(std::max<std::int64_t>(host, 0)) / 2 / 100) / 10;
  spdlog::info(
      "preset device: {} of a step's {} images at once take {:.0f} of {:.0f} MB; {} threads, {:g} GB of "
      "images kept",
      batch, images, Megabytes(taken), Megabytes(most), fitted.threads, cache_gb);
  return {{"batch", batch},
          {"accumulate", images / batch},
          {"threads", fitted.threads},
          {"workers", UsableCores()},
          {"cache_gb", cache_gb}};
}

}  // namespace yoake::trainer
