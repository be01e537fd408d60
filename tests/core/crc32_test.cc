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

}  // namespace
}  // namespace yoake
