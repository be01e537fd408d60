#include "trainer/weights/zip_records.h"

#include <algorithm>
#include <cstring>

#include "core/crc32.h"
#include "core/error.h"

namespace yoake::trainer {
namespace {

// Offsets and signatures are those of PKWARE's APPNOTE 6.3, sections 4.3.7 to 4.3.16.
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kEnd64Locator = 0x07064b50;
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kLocatorSize = 20;
constexpr std::uint64_t kLongestComment = 0xffff;
constexpr std::uint32_t kIn64 = 0xffffffff;  // The number stands in the zip64 field.
constexpr std::uint16_t kField64 = 1;

[[noreturn]] void Damaged() { throw Error(ErrorKind::kData, "the zip file is cut off or damaged"); }

std::string_view Slice(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) Damaged();
  return bytes.substr(offset, size);
}

template <typename Number>
Number At(std::string_view bytes, std::uint64_t offset) {
  Number number;
  std::memcpy(&number, Slice(bytes, offset, sizeof(Number)).data(), sizeof(Number));
  return number;
}

std::uint64_t FindEnd(std::string_view file) {
  if (file.size() < kEndSize) Damaged();
  const std::uint64_t last = file.size() - kEndSize;
  const std::uint64_t first = last > kLongestComment ? last - kLongestComment : 0;
  for (std::uint64_t at = last;; --at) {
    if (At<std::uint32_t>(file, at) == kEnd) return at;
    if (at == first) Damaged();
  }
}

struct Directory {
  std::uint64_t entries;
  std::uint64_t offset;
};

Directory FindDirectory(std::string_view file) {
  const std::uint64_t end = FindEnd(file);
  if (end >= kLocatorSize && At<std::uint32_t>(file, end - kLocatorSize) == kEnd64Locator) {
    const auto end64 = At<std::uint64_t>(file, end - kLocatorSize + 8);
    if (At<std::uint32_t>(file, end64) != kEnd64) Damaged();
    return {At<std::uint64_t>(file, end64 + 32), At<std::uint64_t>(file, end64 + 48)};
  }
  return {At<std::uint16_t>(file, end + 10), At<std::uint32_t>(file, end + 16)};
}

// The zip64 field among the extra fields; empty when there is none.
std::string_view Field64(std::string_view extra) {
  while (extra.size() >= 4) {
    const auto id = At<std::uint16_t>(extra, 0);
    const std::string_view field = Slice(extra, 4, At<std::uint16_t>(extra, 2));
    if (id == kField64) return field;
    extra.remove_prefix(4 + field.size());
  }
  return {};
}

}  // namespace

ZipRecords::Record ZipRecords::ReadEntry(std::uint64_t entry, std::uint64_t* next, std::string* name) const {
  if (At<std::uint32_t>(file_, entry) != kCentralHeader) Damaged();
  const auto flags = At<std::uint16_t>(file_, entry + 8);
  const auto method = At<std::uint16_t>(file_, entry + 10);
  const auto name_size = At<std::uint16_t>(file_, entry + 28);
  const auto extra_size = At<std::uint16_t>(file_, entry + 30);
  *name = Slice(file_, entry + 46, name_size);
  *next = entry + 46 + name_size + extra_size + At<std::uint16_t>(file_, entry + 32);
  std::string_view field = Field64(Slice(file_, entry + 46 + name_size, extra_size));
  // The field holds, in this order, those numbers that do not fit into 32 bits.
  const auto number = [&](std::uint64_t offset) -> std::uint64_t {
    const auto small = At<std::uint32_t>(file_, offset);
    if (small != kIn64) return small;
    const auto large = At<std::uint64_t>(field, 0);
    field.remove_prefix(8);
    return large;
  };
  Record record;
  record.crc = At<std::uint32_t>(file_, entry + 16);
  record.plain = (flags & 1) == 0 && method == 0;
  record.size = number(entry + 24);
  if (number(entry + 20) != record.size && record.plain) Damaged();
  record.header = number(entry + 42);
  return record;
}

ZipRecords::ZipRecords(std::string_view file) : file_(file) {
  const Directory directory = FindDirectory(file);
  std::string folder;
  std::uint64_t entry = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    std::string name;
    const Record record = ReadEntry(entry, &entry, &name);
    if (i == 0) folder = name.substr(0, name.find('/') + 1);
    if (name.starts_with(folder)) records_[name.substr(folder.size())] = record;
  }
}

std::optional<std::string_view> ZipRecords::Find(const std::string& name) const {
  const auto found = records_.find(name);
  if (found == records_.end()) return std::nullopt;
  const Record& record = found->second;
  if (!record.plain) {
    throw Error(ErrorKind::kData,
                "the record " + name + " is compressed or encrypted; torch.save stores plainly");
  }
  if (At<std::uint32_t>(file_, record.header) != kLocalHeader) Damaged();
  const std::uint64_t names = std::uint64_t{At<std::uint16_t>(file_, record.header + 26)} +
                              At<std::uint16_t>(file_, record.header + 28);
  const std::string_view bytes = Slice(file_, record.header + 30 + names, record.size);
  if (Crc32(bytes) != record.crc) {
    throw Error(ErrorKind::kData, "the record " + name + " is damaged: its checksum differs");
  }
  return bytes;
}

}  // namespace yoake::trainer
