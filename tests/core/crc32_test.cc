#include "core/crc32.h"

#include <gtest/gtest.h>

#include <string>

namespace yoake {
namespace {

// zlib.crc32 of Python 3.11.
TEST(Crc32Test, EqualsZlibs) {
  EXPECT_EQ(Crc32(""), 0U);
  EXPECT_EQ(Crc32("a"), 0xe8b7be43U);
  EXPECT_EQ(Crc32("123456789"), 0xcbf43926U);
  EXPECT_EQ(Crc32("The quick brown fox jumps over the lazy dog"), 0x414fa339U);
  EXPECT_EQ(Crc32(std::string(1000, '\0')), 0x60b1780U);
}

// RFC 3720, B.4, and the check value of the catalogues.
TEST(Crc32Test, EqualsThatOfIscsi) {
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(Crc32c(rising), 0x46dd794eU);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283U);
}

}  // namespace
}  // namespace yoake
