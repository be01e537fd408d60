#include "trainer/tensorboard/event_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "trainer/tensorboard/record.h"

namespace yoake::trainer {
namespace {

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

// Two runs in one second would meet in one file.
std::filesystem::path NewPath(const std::filesystem::path& folder) {
  const std::string stem =
      fmt::format("events.out.tfevents.{:010.0f}.{}", std::floor(WallSeconds()), HostName());
  std::filesystem::path path = folder / stem;
  for (int i = 1; std::filesystem::exists(path); ++i) path = folder / fmt::format("{}.{}", stem, i);
  return path;
}

}  // namespace

double WallSeconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t first_step) : path_(NewPath(folder)) {
  std::filesystem::create_directories(folder);
  file_.open(path_, std::ios::binary);
  const double now = WallSeconds();
  Write(VersionEvent(now));
  Write(RestartEvent(now, first_step));
}

void EventFile::Add(std::int64_t step, const Summary& summary) {
  if (!summary.empty()) Write(SummaryEvent(WallSeconds(), step, summary));
}

void EventFile::Write(const ProtobufWriter& event) {
  const std::string record = TfRecord(event.bytes());
  file_.write(record.data(), static_cast<std::streamsize>(record.size())).flush();
  if (file_) return;
  throw Error(ErrorKind::kIo, std::string("cannot write events for TensorBoard: ") + std::strerror(errno),
              path_.string());
}

}  // namespace yoake::trainer
