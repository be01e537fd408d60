#pragma once

#include <cstdint>
#include <string_view>

namespace yoake {

// The reflected CRC-32 of zlib, zip files and Python's binascii (polynomial 0x04c11db7).
std::uint32_t Crc32(std::string_view bytes);

// The reflected CRC-32C of Castagnoli (polynomial 0x1edc6f41; RFC 3720, B.4).
std::uint32_t Crc32c(std::string_view bytes);

}  // namespace yoake
