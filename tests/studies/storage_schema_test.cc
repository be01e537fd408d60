#include "studies/storage/schemas.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "tests/studies/storage_test_files.h"

namespace yoake::studies {
namespace {

std::string WithoutLineEndBlanks(const std::string& text) {
  return std::regex_replace(text, std::regex("[ \t]+\n"), "\n");
}

TEST(StorageSchemaTest, IsOptunasUnaltered) {
  const std::filesystem::path file = OptunaDatabase("schema_sqlite_v3.2.0.a.sql");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file << "; set YOAKE_SHARED";
  std::ostringstream reference;
  reference << std::ifstream(file).rdbuf();
  EXPECT_EQ(std::string(kSchemaSqlite), WithoutLineEndBlanks(reference.str()));
}

}  // namespace
}  // namespace yoake::studies
