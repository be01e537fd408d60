#include "studies/study_config.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "tests/studies/storage_test_files.h"
#include "tests/support/documented_defaults.h"
#include "tests/support/message_of.h"

namespace yoake::studies {
namespace {

using nlohmann::json;
using testing::HasSubstr;

StudyConfig Parse(const std::string& text) {
  const json value = ParseJson(text, "study.json");
  return ParseStudyConfig(JsonReader(value, "study.json"), "/studies");
}

TEST(StudyConfigTest, AnEmptyStudyHasTheDefaultsAndTheFilesName) {
  const StudyConfig config = Parse("{}");
  EXPECT_EQ(config.name, "study");
  EXPECT_EQ(config.metric, "mAP");
  EXPECT_EQ(config.direction, search::Direction::kMaximize);
  EXPECT_EQ(config.retries, 1);
  EXPECT_FALSE(config.timeout_s);
}

TEST(StudyConfigTest, WhatToJsonWritesIsReadBackAsTheSameStudy) {
  const StudyConfig config = Parse(R"({
    "name": "n", "metric": "person.mAP_50", "direction": "minimize", "seed": 18446744073709551615, "trials": 3,
    "timeout": "8h", "trial_timeout": 90.5, "retries": 0, "devices": "cuda:0,1", "storage": "sqlite:////tmp/x.db",
    "base": {"epochs": 2, "init": "start.pt"}, "space": {"lr": {"type": "float", "low": 0, "high": 1}},
    "sampler": {"type": "tpe", "n_startup_trials": 3}, "pruner": "median",
    "data": {"train": "t.json", "val": {"annotations": ["a.json", "${X}/b.json"], "images": "i"}},
    "tests": {"night": "../n.json"}, "variants": {"d": {"a": {"data.train": "u.json"}, "b": {}}},
    "trainer": {"command": ["./train", "{config}"], "folder": "sub"}})");
  const json written = ToJson(config);
  EXPECT_EQ(ToJson(ParseStudyConfig(JsonReader(written, "other.json"), "/elsewhere")), written);
  EXPECT_EQ(config.timeout_s, 8 * 3600);
  EXPECT_EQ(config.trial_timeout_s, 90.5);
}

TEST(StudyConfigTest, RelativePathsBelongToTheFolderOfTheFile) {
  const StudyConfig config = Parse(R"({
    "base": {"init": "start.pt"},
    "data": {"train": "t.json", "val": {"annotations": ["a.json", "${X}/b.json"], "images": "/i"}},
    "tests": {"night": "../n.json"}, "variants": {"d": {"a": {"data.train": "u.json"}}}})");
  EXPECT_EQ(config.base["init"], "/studies/start.pt");
  EXPECT_EQ(config.data["train"], "/studies/t.json");
  EXPECT_EQ(config.data["val"]["annotations"], json({"/studies/a.json", "${X}/b.json"}));
  EXPECT_EQ(config.data["val"]["images"], "/i");
  EXPECT_EQ(config.tests["night"], "/n.json");
  EXPECT_EQ(config.variants["d"]["a"]["data.train"], "/studies/u.json");
}

TEST(StudyConfigTest, AnEnvironmentVariableIsPutInAndAnUnsetOneIsNamed) {
  setenv("YOAKE_TEST_FOLDER", "/data/x", 1);
  StudyConfig config = Parse(R"({"tests": {"t": "${YOAKE_TEST_FOLDER}/t.json"}})");
  ExpandEnvironment(&config);
  EXPECT_EQ(config.tests["t"], "/data/x/t.json");
  setenv("YOAKE_TEST_FOLDER", "relative", 1);
  config = Parse(R"({"tests": {"t": "${YOAKE_TEST_FOLDER}/t.json"}})");
  ExpandEnvironment(&config);
  EXPECT_EQ(config.tests["t"], (std::filesystem::current_path() / "relative/t.json").string());
  unsetenv("YOAKE_TEST_FOLDER");
  config = Parse(R"({"variants": {"d": {"a": {"data": {"train": "${YOAKE_TEST_FOLDER}/t.json"}}}}})");
  EXPECT_THAT(
      MessageOf([&] { ExpandEnvironment(&config); }),
      testing::AllOf(HasSubstr("YOAKE_TEST_FOLDER is not set"), HasSubstr("$.variants.d.a.data.train")));
}

TEST(StudyConfigTest, WhatIsWrongIsNamedWithItsPlaceAndWhatWouldBeRight) {
  const std::map<std::string, std::vector<std::string>> rejected = {
      {R"({"trails": 3})", {"trails", "did you mean 'trials'"}},
      {R"({"trials": 0})", {"trials", "at least 1"}},
      {R"({"trials": "many"})", {"$.trials"}},
      {R"({"direction": "up"})", {"$.direction", "up"}},
      {R"({"timeout": "8 hours"})", {"$.timeout", "8 hours", "\"8h\""}},
      {R"({"timeout": -1})", {"$.timeout"}},
      {R"({"trial_timeout": "0s"})", {"$.trial_timeout"}},
      {R"({"retries": -1})", {"retries"}},
      {R"({"devices": "gpu:0"})", {"gpu:0", "cuda:0,1"}},
      {R"({"devices": "cpu:0"})", {"at least cpu:1"}},
      {R"({"devices": []})", {"devices"}},
      {R"({"sampler": "tep"})", {"$.sampler", "tep", "tpe"}},
      {R"({"pruner": {"type": "median", "n_warmup": 3}})", {"$.pruner", "n_warmup"}},
      {R"({"space": {"lr": {"type": "float", "low": 2, "high": 1}}})", {"$.space.lr"}},
      {R"({"space": {"lr": {"typ": "float"}}})", {"$.space.lr"}},
      {R"({"name": "a/b"})", {"name 'a/b'"}},
      {R"({"tests": {"../x": "t.json"}})", {"test name '../x'"}},
      {R"({"variants": {"d": {"a": 3}}})", {"$.variants.d.a"}},
      {R"({"variants": {"d": {}}})", {"$.variants.d", "at least one level"}},
      {R"({"base": 3})", {"$.base"}},
      {R"({"base": "nowhere.json"})", {"nowhere.json"}},
      {R"({"trainer": {"comand": ["x"]}})", {"comand", "command"}},
      {R"({"data": ["x"]})", {"$.data"}},
  };
  for (const auto& [text, parts] : rejected) {
    const std::string message = MessageOf([&, &text = text] { Parse(text); });
    for (const std::string& part : parts) EXPECT_THAT(message, HasSubstr(part)) << text;
  }
}

TEST(StudyConfigTest, OverridesReachEveryKeyAndABaseThatIsAFile) {
  const ScratchFolder folder;
  WriteFileAtomically(folder.path() / "train.json", R"({"epochs": 60, "optimizer": {"lr": 0.1}})");
  WriteFileAtomically(folder.path() / "s.json",
                      R"({/* by hand */ "base": "train.json", "sampler": {"type": "tpe"}})");
  const StudyConfig config = ReadStudyConfig(
      folder.path() / "s.json", {"trials=7", "base.epochs=3", "base.augment.flip.prob=0",
                                 "sampler.n_startup_trials=2", "data.val=here.json", "metric=mAP_50"});
  EXPECT_EQ(config.trials, 7);
  EXPECT_EQ(config.metric, "mAP_50");
  EXPECT_EQ(config.base,
            json::parse(R"({"epochs": 3, "optimizer": {"lr": 0.1}, "augment": {"flip": {"prob": 0}}})"));
  EXPECT_EQ(config.sampler["n_startup_trials"], 2);
  EXPECT_EQ(config.data["val"], (std::filesystem::current_path() / "here.json").string());
  EXPECT_THAT(MessageOf([&] { ReadStudyConfig(folder.path() / "s.json", {"trils=7"}); }),
              HasSubstr("trials"));
  EXPECT_THAT(MessageOf([&] { ReadStudyConfig(folder.path() / "s.json", {"trials"}); }),
              HasSubstr("key=value"));
}

TEST(StudyConfigTest, EveryStudyFileOfTheRepositoryParses) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(YOAKE_SOURCE_DIR) + "/configs/studies")) {
    if (entry.path().extension() != ".json") continue;
    EXPECT_EQ(ReadStudyConfig(entry.path()).name, entry.path().stem()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 3);
}

TEST(StudyConfigTest, ThePageListsEveryKeyWithItsDefault) {
  std::map<std::string, json> code;
  for (const auto& [path, value] : Flatten(ToJson(StudyConfig{}))) code[path] = value;
  EXPECT_EQ(DocumentedDefaults("## Study file"), code);
}

}  // namespace
}  // namespace yoake::studies
