#include "trainer/weights/pickle_reader.h"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <map>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/rng.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {
namespace {

using Kind = PickleValue::Kind;
namespace fs = std::filesystem;

fs::path DataFolder() { return fs::path(YOAKE_SOURCE_DIR) / "tests" / "trainer" / "data"; }

// A zip file with this pickle and one storage of four floats.
fs::path WriteZip(const std::string& pickle) {
  const fs::path path = ScratchFile("pickle_reader_test.pth");
  const float numbers[4] = {1, 2, 3, 4};
  caffe2::serialize::PyTorchStreamWriter zip(path.string());
  zip.writeRecord("data.pkl", pickle.data(), pickle.size());
  zip.writeRecord("data/0", numbers, sizeof(numbers));
  zip.writeEndOfFile();
  return path;
}

// Python wrote it with torch.save(OrderedDict with _metadata): every type, a view, shared storage, a
// Parameter.
TEST(PickleReader, ReadsAStateDict) {
  const StateDict state = LoadCheckpoint(DataFolder() / "state_dict.pth").model;
  const std::map<std::string, at::Tensor> by_name(state.begin(), state.end());
  const auto tensor = [&](const char* key) { return by_name.at(key); };
  EXPECT_TRUE(tensor("float").equal(at::arange(6, at::kFloat).view({2, 3})));
  EXPECT_TRUE(tensor("double").equal(at::arange(3, at::kDouble)));
  EXPECT_TRUE(tensor("half").equal(at::arange(4).to(at::kHalf)));
  EXPECT_TRUE(tensor("bfloat16").equal(at::arange(4).to(at::kBFloat16)));
  EXPECT_TRUE(tensor("long").equal(at::tensor({std::int64_t{1}, std::int64_t{-2}, std::int64_t{1} << 40})));
  EXPECT_TRUE(tensor("bool").equal(at::tensor({1, 0}).to(at::kBool)));
  EXPECT_EQ(tensor("scalar").item<int>(), 7);
  EXPECT_EQ(tensor("empty").sizes(), at::IntArrayRef({0, 5}));
  EXPECT_TRUE(tensor("view").equal(at::arange(24, at::kFloat).view({4, 6}).t().slice(0, 1, 3)));
  EXPECT_TRUE(tensor("shared").equal(at::arange(24, at::kFloat)));
  EXPECT_TRUE(tensor("parameter").equal(at::ones({2})));
  EXPECT_TRUE(tensor("view").is_alias_of(tensor("shared"))) << "one storage, kept once";
}

// As mmengine's runner writes it: dates, classes, sets, big integers and a deque around the weights.
TEST(PickleReader, ReadsAroundForeignObjects) {
  const PickleFile file(DataFolder() / "training_state.pth");
  const PickleValue* weights = file.root().Find("state_dict");
  ASSERT_NE(weights, nullptr);
  EXPECT_EQ(weights->Find("a")->tensor->sizes, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(file.root().Find("absent"), nullptr);
  const PickleValue* meta = file.root().Find("meta");
  ASSERT_NE(meta, nullptr);
  EXPECT_EQ(meta->Find("classes")->items[1]->text, "b");
  EXPECT_EQ(meta->Find("neg")->integer, -3);
  EXPECT_EQ(meta->Find("real")->real, 1.5);
  EXPECT_EQ(meta->Find("time")->kind, Kind::kOpaque);
  EXPECT_EQ(meta->Find("custom")->kind, Kind::kOpaque);
  EXPECT_EQ(meta->Find("none")->kind, Kind::kNone);
}

TEST(PickleReader, RefusesWhatIsNoCheckpoint) {
  EXPECT_THROW(PickleFile(DataFolder() / "absent.pth"), Error);
  EXPECT_THROW(PickleFile(DataFolder() / "state_dict.pth" / "x"), Error);
  const fs::path path = ScratchFile("empty.pth");
  WriteFileAtomically(path, "");
  EXPECT_THROW(PickleFile{path}, Error);
}

// A tensor over storage "0" (four floats) with this many numbers declared, offset, size and stride.
std::string TensorPickle(int count, int offset, int size, int stride) {
  const auto number = [](int value) {
    std::string text = "J0000";
    std::memcpy(text.data() + 1, &value, 4);
    return text;
  };
  return "\x80\x02"
         "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01"
         "0U\x03"
         "cpu" +
         number(count) + "tQ" + number(offset) + "(" + number(size) + "t(" + number(stride) + "t\x89NtR.";
}

TEST(PickleReader, TensorsStayWithinTheirStorage) {
  struct Row {
    int count, offset, size, stride;
    bool accepted;
  };
  const Row rows[] = {{4, 0, 4, 1, true},       {4, 1, 3, 1, true},   {4, 0, 2, 3, true},
                      {4, 4, 0, 1, true},       {5, 0, 4, 1, false},  {-1, 0, 1, 1, false},
                      {4, 1, 4, 1, false},      {4, -1, 1, 1, false}, {4, 0, -1, 1, false},
                      {4, 0, 2, 4, false},      {4, 0, 2, -1, false}, {4, 0, 1 << 30, 0, false},
                      {4, 0, 4, 1 << 30, false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.count << ' ' << row.offset << ' ' << row.size << ' '
                                    << row.stride);
    const fs::path path = WriteZip(TensorPickle(row.count, row.offset, row.size, row.stride));
    if (row.accepted) {
      EXPECT_EQ(PickleFile(path).root().tensor->sizes[0], row.size);
    } else {
      EXPECT_THROW(PickleFile{path}, Error);
    }
  }
}

TEST(PickleReader, RefusesBrokenPickles) {
  const std::string table[] = {
      "",
      ".",
      "t.",
      "\x85.",
      "(((",
      "R.",
      "Q.",
      "u.",
      "e.",
      "s.",
      "h\x05.",
      "J\x01",
      "X\xff\xff\xff\xff.",
      "ccos\nsystem",
      "(K\x01u.",
      "NNR.",
      "Na.",
      "cos\nsystem\nNR.",
      "\xff.",
      "0.",
      "I1\n.",
      "K\x01Q.",
      "(tQ.",
  };
  for (const std::string& pickle : table) {
    SCOPED_TRACE(pickle);
    EXPECT_THROW(PickleFile{WriteZip(pickle)}, Error);
  }
}

// Before PyTorch 1.6 torch.save wrote no zip file.
TEST(PickleReader, ReadsTheOlderFormat) {
  const std::string whole = ReadFile(DataFolder() / "legacy.pth");
  const PickleFile file(TextFile::Copy(whole, "legacy"));
  const PickleValue* tensor = file.root().Find("model")->Find("a");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->tensor->sizes, (std::vector<std::int64_t>{2}));
  // Its last eight bytes are the two numbers, before them stands how many they are.
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(MessageOf([&] { PickleFile(TextFile::Copy(whole.substr(0, size), "cut")); }), "no error")
        << size;
  }
  std::string more = whole;
  more[whole.size() - 16] = 3;
  EXPECT_THAT(MessageOf([&] { PickleFile(TextFile::Copy(more, "more")); }),
              testing::HasSubstr("two lengths"));
}

TEST(PickleReader, StoragesMayNotShareBytesOfAZipFile) {
  // Both names of the directory lead to the same record, which takes up most of the file.
  const std::string numbers(4000, 'x');
  std::string pickle = "\x80\x02(";
  for (const char* key : {"0", "1"}) {
    pickle += "(U\x07storagectorch\nByteStorage\nU\x01" + std::string(key) + "U\x03" + "cpuM\xa0\x0ftQ";
  }
  const fs::path path = ScratchFile("overlap.pth");
  caffe2::serialize::PyTorchStreamWriter zip(path.string());
  zip.writeRecord("data.pkl", (pickle + "t.").data(), pickle.size() + 2);
  zip.writeRecord("data/0", numbers.data(), numbers.size());
  zip.writeRecord("data/1", "y", 1);
  zip.writeEndOfFile();
  std::string file = ReadFile(path);
  EXPECT_THAT(MessageOf([&] { PickleFile(TextFile::Copy(file, "small")); }), testing::HasSubstr("too few"));
  // The directory's entries: signature, and from byte 16 checksum and sizes, at 42 the offset; names follow.
  const auto entry = [&](const std::string& name) { return file.rfind("PK\x01\x02", file.rfind(name)); };
  file.replace(entry("data/1") + 16, 12, file.substr(entry("data/0") + 16, 12));
  file.replace(entry("data/1") + 42, 4, file.substr(entry("data/0") + 42, 4));
  EXPECT_THAT(MessageOf([&] { PickleFile(TextFile::Copy(file, "overlap")); }), testing::HasSubstr("overlap"));
}

TEST(PickleReader, MoreValuesThanAnyCheckpointAreRefused) {
  const std::string many = std::string(3'000'000, ']') + ".";
  EXPECT_THAT(MessageOf([&] { PickleFile(WriteZip(many)); }), testing::HasSubstr("more values"));
}

// Calling a foreign function is recorded as an opaque value and nothing more.
TEST(PickleReader, RunsNothing) {
  const PickleFile file(
      WriteZip("cos\nsystem\n(U\x09"
               "touch pwntR."));
  EXPECT_EQ(file.root().kind, Kind::kOpaque);
}

TEST(PickleReader, DeepNestingCostsNoStack) {
  const std::string deep = std::string(1'000'000, ']') + std::string(999'999, 'a') + ".";
  EXPECT_EQ(PickleFile(WriteZip(deep)).root().items.size(), 1U);
}

// A real file with bytes changed or cut off: an Error or a value, never a crash.
TEST(PickleReader, SurvivesDamage) {
  const std::string whole = ReadFile(DataFolder() / "training_state.pth");
  const fs::path path = ScratchFile("damaged.pth");
  RandomStream random(5);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string bytes = whole;
    if (i % 3 == 0) bytes.resize(random.Below(bytes.size()));
    for (int k = 0; k < 4 && !bytes.empty(); ++k) {
      bytes[random.Below(bytes.size())] = static_cast<char>(random.Below(256));
    }
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      const PickleFile file(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData);
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace yoake::trainer
