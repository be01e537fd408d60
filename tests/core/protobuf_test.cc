#include <gmock/gmock.h>

#include <bit>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/protobuf_reader.h"
#include "core/protobuf_writer.h"
#include "core/rng.h"

namespace yoake {
namespace {

using namespace std::string_literals;

std::vector<ProtobufField> Fields(std::string_view message) {
  ProtobufReader reader(message, "m");
  std::vector<ProtobufField> fields;
  while (const auto field = reader.Next()) fields.push_back(*field);
  return fields;
}

// The examples of protobuf.dev/programming-guides/encoding.
TEST(ProtobufWriterTest, WritesTheDocumentedBytes) {
  ProtobufWriter number;
  number.Integer(1, 150);
  EXPECT_EQ(number.bytes(), "\x08\x96\x01");
  ProtobufWriter text;
  text.Bytes(2, "testing");
  EXPECT_EQ(text.bytes(), "\x12\x07testing");
  ProtobufWriter nested;
  nested.Message(3, number);
  EXPECT_EQ(nested.bytes(), "\x1a\x03\x08\x96\x01");
  ProtobufWriter packed;
  packed.Integers(6, std::vector<std::int64_t>{3, 270, 86942});
  EXPECT_EQ(packed.bytes(), "\x32\x06\x03\x8e\x02\x9e\xa7\x05");
  ProtobufWriter negative;
  negative.Integer(1, -2);
  EXPECT_EQ(negative.bytes(), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  ProtobufWriter one;
  one.Float(1, 1);
  one.Double(16, 1);
  EXPECT_EQ(one.bytes(), "\x0d\0\0\x80\x3f\x81\x01\0\0\0\0\0\0\xf0\x3f"s);
}

TEST(ProtobufReaderTest, ReadsWhatWasWritten) {
  ProtobufWriter writer;
  writer.Integer(1, std::numeric_limits<std::int64_t>::min());
  writer.Integer(536870911, 0);
  writer.Float(3, -2.5F);
  writer.Double(4, 1e-300);
  writer.Bytes(5, "");
  writer.Doubles(6, std::vector<double>{.5, -1});
  const auto fields = Fields(writer.bytes());
  ASSERT_EQ(fields.size(), 6U);
  EXPECT_EQ(static_cast<std::int64_t>(fields[0].value), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(fields[1].number, 536870911);
  EXPECT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(fields[2].value)), -2.5F);
  EXPECT_EQ(std::bit_cast<double>(fields[3].value), 1e-300);
  EXPECT_TRUE(fields[4].bytes.empty());
  EXPECT_EQ(fields[5].bytes.size(), 16U);
}

TEST(ProtobufReaderTest, RefusesWhatIsNoMessage) {
  for (const std::string& bytes : {"\x08"s, "\x08\xff"s, "\x12\x07test"s, "\x0d\0\0"s, "\0"s, "\x0b"s,
                                   "\x0c"s, "\x0e"s, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,
                                   "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"s}) {
    EXPECT_THROW(Fields(bytes), Error) << testing::PrintToString(bytes);
  }
}

TEST(ProtobufReaderTest, RandomBytesAreReadOrRefused) {
  RandomStream random(3);
  int refused = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random.Below(24), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
    try {
      for (const ProtobufField& field : Fields(bytes)) ASSERT_GT(field.number, 0);
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kData);
      ++refused;
    }
  }
  EXPECT_GT(refused, 500);
  EXPECT_LT(refused, 5000);
}

}  // namespace
}  // namespace yoake
