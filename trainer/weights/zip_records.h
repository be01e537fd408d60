#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace yoake::trainer {

// The records of a zip file as torch.save writes it: stored, not compressed, all under one folder; also with
// zip64. Every view lies within the file's bytes, which must outlive this. Throws Error{kData} for a damaged
// file, and for a record that is asked for and encrypted or compressed.
class ZipRecords {
 public:
  explicit ZipRecords(std::string_view file);

  bool Has(const std::string& name) const { return records_.contains(name); }

  // The bytes of "data.pkl", "data/0", ...: the name without the file's one folder. Checks their CRC; absent
  // when there is no such record.
  std::optional<std::string_view> Find(const std::string& name) const;

 private:
  struct Record {
    std::uint64_t header = 0;  // Offset of the local header.
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
    bool plain = true;  // Neither compressed nor encrypted.
  };
  Record ReadEntry(std::uint64_t entry, std::uint64_t* next, std::string* name) const;

  std::string_view file_;
  std::map<std::string, Record> records_;
};

}  // namespace yoake::trainer
