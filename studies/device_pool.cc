#include "studies/device_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "core/error.h"

namespace yoake::studies {
namespace {

constexpr int kMaxSlots = 1024;

[[noreturn]] void RefuseDevices(const std::string& text, const std::string& why) {
  throw Error(ErrorKind::kConfig,
              fmt::format("devices '{}': {}; write \"cpu:2\" for two trials at a time on the processor, "
                          "\"cuda:0,1\" for one on each of two GPUs",
                          text, why));
}

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(',', begin)) != std::string::npos; begin = end + 1) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::optional<int> ParseCount(const std::string& text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0 || value > kMaxSlots) {
    return std::nullopt;
  }
  return value;
}

// Counts how often each name was asked for: the second slot on one GPU is "cuda:0#2".
void Add(const std::string& name, const std::string& device, std::vector<DeviceSlot>* slots) {
  const auto same = std::count_if(slots->begin(), slots->end(),
                                  [&](const DeviceSlot& slot) { return slot.device == device; });
  const bool shared = device != "cpu" && same > 0;
  slots->push_back({shared ? fmt::format("{}#{}", name, same + 1) : name, device});
}

void AddProcessor(int count, std::vector<DeviceSlot>* slots) {
  const auto first = std::count_if(slots->begin(), slots->end(),
                                   [](const DeviceSlot& slot) { return slot.device == "cpu"; });
  for (int i = 0; i < count; ++i) Add(fmt::format("cpu:{}", first + i), "cpu", slots);
}

void AddDevices(const std::string& text, std::vector<DeviceSlot>* slots) {
  bool after_cuda = false;
  for (const std::string& part : Split(text)) {
    const std::size_t colon = part.find(':');
    const std::string kind = part.substr(0, colon);
    const bool bare_index = after_cuda && colon == std::string::npos && ParseCount(part);
    const std::string number = bare_index ? part : colon == std::string::npos ? "" : part.substr(colon + 1);
    const std::optional<int> count = number.empty() ? std::optional<int>() : ParseCount(number);
    if (colon != std::string::npos && !count)
      RefuseDevices(text, fmt::format("'{}' is not a number", number));
    if (kind == "cpu") {
      if (count == 0) RefuseDevices(text, "cpu:N is a number of slots, so at least cpu:1");
      AddProcessor(count.value_or(1), slots);
    } else if (kind == "cuda" || bare_index) {
      const std::string name = fmt::format("cuda:{}", count.value_or(0));
      Add(name, name, slots);
    } else {
      RefuseDevices(text, fmt::format("unknown device '{}'", part));
    }
    after_cuda = kind == "cuda" || bare_index;
  }
}

std::string VisibleDevice(const std::string& device, const char* visible_devices) {
  const std::string index = device.substr(device.find(':') + 1);
  if (visible_devices == nullptr || *visible_devices == '\0') return index;
  const std::vector<std::string> visible = Split(visible_devices);
  const auto at = static_cast<std::size_t>(std::stoi(index));
  return at < visible.size() ? visible[at] : index;
}

}  // namespace

std::vector<DeviceSlot> ParseDevices(const std::vector<std::string>& texts) {
  std::vector<DeviceSlot> slots;
  for (const std::string& text : texts) AddDevices(text, &slots);
  if (slots.empty()) RefuseDevices("", "no device at all");
  return slots;
}

std::vector<DeviceSlot> ParseDevices(const std::string& text) {
  return ParseDevices(std::vector<std::string>{text});
}

int ThreadsPerSlot(std::size_t slots) {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency() / std::max<std::size_t>(slots, 1)));
}

std::vector<std::pair<std::string, std::string>> DeviceEnvironment(const DeviceSlot& slot, int threads,
                                                                   const char* visible_devices) {
  const bool cuda = slot.device != "cpu";
  const std::string count = std::to_string(threads);
  return {{"YOAKE_DEVICE", cuda ? "cuda:0" : "cpu"},
          {"CUDA_VISIBLE_DEVICES", cuda ? VisibleDevice(slot.device, visible_devices) : ""},
          {"OMP_NUM_THREADS", count},
          {"OPENBLAS_NUM_THREADS", count},
          {"MKL_NUM_THREADS", count}};
}

}  // namespace yoake::studies
