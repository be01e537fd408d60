#include <gmock/gmock.h>

#include <bit>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/protobuf_reader.h"
#include "tests/support/scratch_folder.h"
#include "trainer/tensorboard/event_file.h"
#include "trainer/tensorboard/record.h"

namespace yoake::trainer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::uint32_t Unmasked(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xA282EAD8U;
  return (rotated >> 17) | (rotated << 15);
}

TEST(TfRecordTest, ChecksumsAreMaskedAsLeveldbDoes) {
  EXPECT_EQ(Unmasked(MaskedCrc32c("123456789")), 0xE3069283U);
}

std::uint64_t LittleEndian(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

// The messages of a record file; checks length and checksums of each.
std::vector<std::string> Records(const std::filesystem::path& path) {
  const std::string bytes = ReadFile(path);
  std::vector<std::string> records;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t size = LittleEndian(bytes, at, 8);
    EXPECT_EQ(LittleEndian(bytes, at + 8, 4), MaskedCrc32c(bytes.substr(at, 8)));
    records.push_back(bytes.substr(at + 12, size));
    EXPECT_EQ(LittleEndian(bytes, at + 12 + size, 4), MaskedCrc32c(records.back()));
    at += size + 16;
  }
  return records;
}

std::vector<ProtobufField> Fields(std::string_view message) {
  ProtobufReader reader(message, "event");
  std::vector<ProtobufField> fields;
  while (const auto field = reader.Next()) fields.push_back(*field);
  return fields;
}

std::vector<int> Numbers(std::string_view message) {
  std::vector<int> numbers;
  for (const ProtobufField& field : Fields(message)) numbers.push_back(field.number);
  return numbers;
}

TEST(EventFileTest, BeginsWithVersionAndRestartAndHoldsScalars) {
  const ScratchFolder scratch;
  EventFile file(scratch.path() / "run", 41);
  Summary summary;
  summary.Scalar("train/box_loss", 0.25);
  file.Add(45, summary);
  file.Add(46, {});
  EXPECT_THAT(file.path().filename().string(), testing::StartsWith("events.out.tfevents."));
  const auto records = Records(file.path());
  ASSERT_EQ(records.size(), 3U) << "an empty summary is no event";
  EXPECT_EQ(Fields(records[0])[2].bytes, "brain.Event:2");
  EXPECT_GT(std::bit_cast<double>(Fields(records[0])[0].value), 1.7e9) << "seconds since 1970";
  const auto restart = Fields(records[1]);
  EXPECT_EQ(restart[1].value, 41U);
  EXPECT_EQ(restart[2].number, 7);
  EXPECT_EQ(restart[2].bytes, "\x08\x01") << "START";

  const auto event = Fields(records[2]);
  EXPECT_EQ(event[1].value, 45U);
  const auto value = Fields(Fields(event[2].bytes)[0].bytes);
  EXPECT_EQ(value[0].bytes, "train/box_loss");
  EXPECT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(value[1].value)), 0.25F);
}

TEST(EventFileTest, TwoRunsInOneSecondHaveTwoFiles) {
  const ScratchFolder scratch;
  std::set<std::filesystem::path> paths;
  for (int i = 0; i < 3; ++i) paths.insert(EventFile(scratch.path(), 0).path());
  EXPECT_EQ(paths.size(), 3U);
}

TEST(SummaryTest, PluginsHaveTheirNamesAndFields) {
  Summary summary;
  summary.Text("configuration", "    {}");
  summary.HParams({{"lr", 0.5}, {"type", "SGD"}, {"ema", true}, {"freeze", {"a"}}, {"budget", nullptr}}, 1.5);
  summary.HParamsEnd(false, 2.5);
  summary.Image("val/a.png", 4, 3, "PNG");
  const auto values = Fields(summary.message().bytes());
  ASSERT_EQ(values.size(), 4U);
  EXPECT_THAT(Numbers(values[0].bytes), ElementsAre(1, 8, 9)) << "tag, tensor, metadata";
  EXPECT_THAT(Numbers(values[1].bytes), ElementsAre(1, 9));
  EXPECT_THAT(Numbers(Fields(values[3].bytes)[1].bytes), ElementsAre(1, 2, 3, 4));

  const auto plugin = Fields(Fields(Fields(values[1].bytes)[1].bytes)[0].bytes);
  EXPECT_EQ(plugin[0].bytes, "hparams");
  const auto content = Fields(plugin[1].bytes);
  ASSERT_EQ(content[0].number, 3);
  const auto session = Fields(content[0].bytes);
  ASSERT_EQ(session.size(), 5U) << "four values, the start; null is left out";
  const auto lr = Fields(session[2].bytes);
  EXPECT_EQ(lr[0].bytes, "lr");
  EXPECT_EQ(std::bit_cast<double>(Fields(lr[1].bytes)[0].value), 0.5);
  EXPECT_EQ(Fields(Fields(session[1].bytes)[1].bytes)[0].bytes, "[\"a\"]");
  EXPECT_THAT(std::string(values[2].bytes), HasSubstr("_hparams_/session_end_info"));
}

}  // namespace
}  // namespace yoake::trainer
