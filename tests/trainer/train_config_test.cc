#include "trainer/config/train_config.h"

#include <gmock/gmock.h>

#include <map>
#include <regex>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_patch.h"
#include "tests/support/documented_defaults.h"
#include "trainer/losses/loss_config.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

TrainConfig Parse(const std::string& text) {
  const json parsed = ParseJson(text, "test.json");
  return ParseTrainConfig(JsonReader(parsed, "test.json"));
}

std::string ErrorOf(const std::string& text) {
  try {
    Parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    return error.what();
  }
  return "accepted";
}

TEST(TrainConfigTest, ResolvedFormIsAFixedPoint) {
  const std::string text = R"({"epochs": 7, "loss": {"cls": {"type": "FocalLoss", "gamma": 1.5}},
      "ema": {"ramp_steps": 100}, "model": {"size": "tiny", "depth": 0.5}, "tests": {"night": "n.json"},
      "data": {"train": {"annotations": ["a.json"]}, "val": "b.json"}})";
  const json once = ToJson(Parse(text));
  const json twice = ToJson(ParseTrainConfig(JsonReader(once, "resolved")));
  EXPECT_EQ(once, twice);
  EXPECT_EQ(once["loss"]["cls"]["gamma"], 1.5);
  EXPECT_EQ(once["tests"]["night"], "n.json");
  EXPECT_EQ(once["data"]["train"]["annotations"][0], "a.json");
  EXPECT_EQ(ToJson(TrainConfig{}), ToJson(Parse("{}")));
}

TEST(TrainConfigTest, APastedLossHasMmdetectionsDefaults) {
  const TrainConfig pasted =
      Parse(R"({"loss": {"cls": {"type": "FocalLoss"}, "bbox": {"type": "IoULoss"}}})");
  EXPECT_EQ(pasted.loss.cls.Text("reduction"), "mean");
  EXPECT_EQ(pasted.loss.bbox.Text("mode"), "log");
  EXPECT_EQ(pasted.loss.bbox.NumberAt("loss_weight", 0), 1.0);
  EXPECT_EQ(pasted.loss.obj.Text("reduction"), "sum");  // Not written, so ours.
}

TEST(TrainConfigTest, ALossWithoutTypeChangesOurDefaults) {
  const TrainConfig config = Parse(R"({"loss": {"bbox": {"loss_weight": 3.0}}})");
  EXPECT_EQ(config.loss.bbox.type, "IoULoss");
  EXPECT_EQ(config.loss.bbox.Text("reduction"), "sum");
  EXPECT_EQ(config.loss.bbox.Text("mode"), "square");
  EXPECT_EQ(config.loss.bbox.NumberAt("loss_weight", 0), 3.0);
}

TEST(TrainConfigTest, LinearIsTheOlderWayToSayMode) {
  EXPECT_EQ(Parse(R"({"loss": {"bbox": {"type": "IoULoss", "linear": true}}})").loss.bbox.Text("mode"),
            "linear");
}

TEST(TrainConfigTest, TheOrderOfTransformsIsKept) {
  const TrainConfig config = Parse(
      R"({"augment": {"order": ["flip", "mixup", "hsv"], "mosaic": {"prob": 0}, "mixup": {"prob": 0.15}}})");
  EXPECT_EQ(ToJson(config)["augment"]["order"], json({"flip", "mixup", "hsv"}));
  EXPECT_EQ(config.augment.transforms.at("mixup").at("prob"), 0.15);
  EXPECT_EQ(config.augment.transforms.at("mixup").at("ratio_high"), 1.5);
  EXPECT_EQ(config.augment.transforms.at("flip").at("prob"), 0.5);
}

TEST(TrainConfigTest, RejectsWithPlaceAndRemedy) {
  struct Case {
    std::string text;
    std::string place;
    std::string remedy;
  };
  const std::vector<Case> cases = {
      {R"({"optimizer": {"learning_rate": 1}})", "$.optimizer", "unknown key"},
      {R"({"epoch": 3})", "test.json: $", "did you mean 'epochs'"},
      {R"({"input_size": 330})", "$.input_size", "try 320"},
      {R"({"model": {"size": "nan"}})", "$.model.size", "did you mean 'nano'"},
      {R"({"device": "gpu"})", "$.device", "cuda:N"},
      {R"({"optimizer": {"lr": 0}})", "$.optimizer.lr", "greater than 0"},
      {R"({"optimizer": {"lr": "fast"}})", "$.optimizer.lr", "expected a number"},
      {R"({"batch": 0})", "$.batch", "[1, 4096]"},
      {R"({"augment": {"mosaic": {"scale_low": 2.0}}})", "$.augment.mosaic.scale_high", "[2, 10]"},
      {R"({"augment": {"mosaic_scale_low": 2.0}})", "$.augment", "is called augment.mosaic.scale_low now"},
      {R"({"augment": {"hsv_s": 0.2}})", "$.augment", "is called augment.hsv.saturation now"},
      {R"({"augment": {"flip": 0.2}})", "$.augment.flip", "by dotted path augment.flip.prob"},
      {R"({"augment": {"mixup": {"prop": 0.2}}})", "$.augment.mixup", "did you mean 'prob'"},
      {R"({"augment": {"mixpu": {"prob": 0.2}}})", "$.augment", "did you mean 'mixup'"},
      {R"({"augment": {"order": ["hsv", "filp"]}})", "$.augment.order", "did you mean 'flip'"},
      {R"({"augment": {"order": ["hsv", "flip", "hsv"]}})", "$.augment.order", "'hsv' stands twice"},
      {R"({"augment": {"order": ["hsv", "flip"]}})", "$.augment.order", "augment.mosaic.prob=0"},
      {R"({"augment": {"copy_paste": {"max_num_pasted": 2.5}}})", "copy_paste.max_num_pasted", "whole"},
      {R"({"augment": {"multi_scale": {"low": 1.5}}})", "$.augment.multi_scale.high", "[1.5, 4]"},
      {R"({"evaluation": {"metric": "mAP50"}})", "$.evaluation.metric", "did you mean 'mAP_50'"},
      {R"({"loss": {"cls": {"type": "FocalLos"}}})", "$.loss.cls.type", "did you mean 'FocalLoss'"},
      {R"({"loss": {"cls": {"type": "IoULoss"}}})", "$.loss.cls.type", "CrossEntropyLoss"},
      {R"({"loss": {"bbox": {"gamma": 1.0}}})", "$.loss.bbox", "parameter of FocalLoss, not of IoULoss"},
      {R"({"loss": {"cls": {"type": "CrossEntropyLoss", "alpha": 1}}})", "$.loss.cls", "of FocalLoss"},
      {R"({"loss": {"cls": {"use_sigmoid": false}}})", "$.loss.cls.use_sigmoid", "use true"},
      {R"({"loss": {"cls": {"reduction": "none"}}})", "$.loss.cls.reduction", "sum, mean"},
      {R"({"loss": {"bbox": {"mode": "cubic"}}})", "$.loss.bbox.mode", "linear, square, log"},
      {R"({"tests": {"a/b": "x.json"}})", "$.tests", "detections/<name>.json"},
      {R"({"data": {"tain": "x.json"}})", "$.data", "did you mean 'train'"},
  };
  for (const Case& item : cases) {
    const std::string message = ErrorOf(item.text);
    EXPECT_THAT(message, testing::HasSubstr(item.place)) << item.text;
    EXPECT_THAT(message, testing::HasSubstr(item.remedy)) << item.text;
  }
}

TEST(TrainConfigTest, ShortRunsKeepHalfOfTheEpochsUntouched) {
  TrainConfig config;
  config.epochs = 3;
  EXPECT_EQ(NoAugEpochs(config), 1);
  EXPECT_EQ(WarmupEpochs(config), 1);
  config.epochs = 1;
  EXPECT_EQ(NoAugEpochs(config), 0);
  EXPECT_EQ(WarmupEpochs(config), 0.5);
  config.epochs = 100;
  EXPECT_EQ(NoAugEpochs(config), 5);
}

TEST(TrainConfigTest, ThePageListsEveryKeyWithItsDefault) {
  std::map<std::string, json> code;
  for (const auto& [path, value] : Flatten(ToJson(TrainConfig{}))) code[path] = value;
  const std::map<std::string, json> page = DocumentedDefaults("## Training configuration");
  for (const auto& [path, value] : code) {
    ASSERT_TRUE(page.contains(path)) << "configs/README.md lacks " << path;
    EXPECT_EQ(page.at(path), value) << path;
  }
  for (const auto& [path, value] : page) EXPECT_TRUE(code.contains(path)) << path << " is not a key";
}

TEST(TrainConfigTest, ThePageListsTheKeysOfEveryLoss) {
  const std::string page = ReadFile(std::string(YOAKE_SOURCE_DIR) + "/configs/README.md");
  for (const LossRole role : {LossRole::kCls, LossRole::kObj, LossRole::kBbox, LossRole::kL1}) {
    for (const std::string& type : LossTypes(role)) {
      std::smatch row;
      const std::regex pattern("\n\\| `" + type + "` \\|([^\n]*)");
      ASSERT_TRUE(std::regex_search(page, row, pattern)) << "configs/README.md lacks " << type;
      for (const std::string& key : LossKeys(type)) {
        if (key == "type" || key == "reduction" || key == "loss_weight") continue;
        EXPECT_THAT(row[1].str(), testing::HasSubstr("`" + key + "`")) << type;
      }
    }
  }
}

}  // namespace
}  // namespace yoake::trainer
