#pragma once

#include <cstdint>
#include <string_view>

namespace yoake {

// The reflected CRC-32 of zlib, zip files and Python's binascii (polynomial 0x04c11db7).
std::uint32_t Crc32(std::string_view bytes);

}  // namespace yoake
