#include "core/text_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>
#include <utility>

#include "core/atomic_file.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"

namespace yoake {
namespace {

using testing::HasSubstr;

class TextFileTest : public testing::Test {
 protected:
  const ScratchFolder scratch_;
  const std::filesystem::path file_ = scratch_.path() / "text";
};

TEST_F(TextFileTest, HoldsTheFileAndZerosBehindIt) {
  for (const std::size_t size : {0u, 1u, 4095u, 4096u, 4097u, 100000u}) {
    const std::string text(size, 'x');
    WriteFileAtomically(file_, text);
    const TextFile first = TextFile::Open(file_);
    const TextFile file = TextFile(TextFile::Open(file_));  // Moved.
    EXPECT_EQ(first.text(), text);
    EXPECT_EQ(file.text(), text);
    for (std::size_t i = 0; i < TextFile::kPadding; ++i) EXPECT_EQ(file.text().data()[size + i], '\0');
  }
}

TEST_F(TextFileTest, WhatWasDroppedReadsAgain) {
  std::string text;
  while (text.size() < 50000) text += std::to_string(text.size());
  WriteFileAtomically(file_, text);
  const TextFile file = TextFile::Open(file_);
  file.Drop(0, text.size());
  file.Drop(5, 6);
  EXPECT_EQ(file.text(), text);
}

TEST_F(TextFileTest, ReadsAPipe) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(file_) << "from a pipe"; });
  const TextFile file = TextFile::Open(file_);
  EXPECT_EQ(file.text(), "from a pipe");
  file.Drop(0, 11);
  EXPECT_EQ(file.text(), "from a pipe");
}

TEST_F(TextFileTest, SaysWhyItCannotBeRead) {
  EXPECT_THAT(MessageOf([&] { TextFile::Open(file_); }), HasSubstr("No such file"));
  EXPECT_THAT(MessageOf([&] { TextFile::Open(testing::TempDir()); }), HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace yoake
