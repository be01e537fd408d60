#include "datasets/sha256.h"

#include <gtest/gtest.h>

namespace yoake::datasets {
namespace {

// FIPS 180-4 examples and the NIST vector of a million times 'a'.
TEST(Sha256Test, KnownVectors) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PiecesOfAnySizeGiveTheSameDigest) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 7));
  // Lengths around the padding's edges: 55, 56, 63, 64, 119, 120 bytes.
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string text = bytes.substr(0, size);
    for (const std::size_t piece : {1, 13, 64, 100}) {
      Sha256 hash;
      for (std::size_t i = 0; i < size; i += piece) hash.Update(std::string_view(text).substr(i, piece));
      ASSERT_EQ(hash.HexDigest(), Sha256Hex(text)) << size << " bytes in pieces of " << piece;
    }
  }
}

TEST(Sha256Test, ADigestDoesNotEndTheHash) {
  Sha256 hash;
  hash.Update("a");
  hash.HexDigest();
  hash.Update("bc");
  EXPECT_EQ(hash.HexDigest(), Sha256Hex("abc"));
}

}  // namespace
}  // namespace yoake::datasets
