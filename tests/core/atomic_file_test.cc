#include "core/atomic_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "core/error.h"
#include "tests/support/scratch_folder.h"

namespace yoake {
namespace {

class AtomicFileTest : public testing::Test {
 protected:
  const ScratchFolder scratch_;
  const std::filesystem::path folder_ = scratch_.path();
};

TEST_F(AtomicFileTest, WritesReplacesAndReadsBack) {
  const auto file = folder_ / "deep" / "a.txt";
  WriteFileAtomically(file, "first");
  WriteFileAtomically(file, std::string("second\0line", 11));
  EXPECT_EQ(ReadFile(file), std::string("second\0line", 11));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "deep"), {}), 1)
      << "a temporary file stays";
}

TEST_F(AtomicFileTest, AFailedWriteKeepsTheOldContent) {
  const auto file = folder_ / "a.txt";
  WriteFileAtomically(file, "old");
  // A file size limit stands in for a full disk: the write itself fails, after the temporary file was opened.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(WriteFileAtomically(file, std::string(5000, 'x')), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(ReadFile(file), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(AtomicFileTest, AMissingFileIsNamedWithTheReason) {
  try {
    ReadFile(folder_ / "none.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("none.json"), testing::HasSubstr("No such file")));
  }
  EXPECT_THROW(ReadFile(testing::TempDir()), Error) << "a folder is not a file";
}

TEST_F(AtomicFileTest, AppendsWholeLines) {
  AppendLine(folder_ / "events.jsonl", "one");
  AppendLine(folder_ / "events.jsonl", "two");
  EXPECT_EQ(ReadFile(folder_ / "events.jsonl"), "one\ntwo\n");
}

}  // namespace
}  // namespace yoake
