#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yoake::trainer {

// Crc32c, rotated and offset so that checksums of checksummed bytes stay good
// (leveldb/util/crc32c.h, Mask).
std::uint32_t MaskedCrc32c(std::string_view bytes);

// One record of a TFRecord file: length (8 bytes, little-endian), its checksum, the bytes, their checksum.
std::string TfRecord(std::string_view bytes);

}  // namespace yoake::trainer
