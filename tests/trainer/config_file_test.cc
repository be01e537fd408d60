#include "trainer/config/config_file.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tests/support/scratch_folder.h"
#include "tests/trainer/tiny_dataset.h"
#include "trainer/config/presets.h"

namespace yoake::trainer {
namespace {

class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() { ::unsetenv("YOAKE_DEVICE"); }
  ~ConfigFileTest() override { ::unsetenv("YOAKE_DEVICE"); }

  TrainConfig Load(const std::string& text, const std::vector<std::string>& overrides = {}) {
    WriteFileAtomically(scratch_.path() / "config.json", text);
    return LoadTrainConfig(scratch_.path() / "config.json", overrides);
  }
  std::string ErrorOf(const std::string& text, const std::vector<std::string>& overrides) {
    try {
      Load(text, overrides);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  ScratchFolder scratch_;
};

TEST_F(ConfigFileTest, PathsAreTakenFromTheFileOrTheCurrentFolder) {
  const TrainConfig config = Load(
      R"({"data": {"train": "a/train.json", "val": {"annotations": ["b.json", "c.json"], "name": "both"}},
               "init": "w.pt"})",
      {"tests.night=n.json"});
  EXPECT_EQ(config.data_train, (scratch_.path() / "a/train.json").string());
  EXPECT_EQ(config.data_val["annotations"][1], (scratch_.path() / "c.json").string());
  EXPECT_EQ(config.data_val["name"], "both");
  EXPECT_EQ(config.tests.at("night"), (std::filesystem::current_path() / "n.json").string());
  EXPECT_EQ(config.init, (scratch_.path() / "w.pt").string());
}

TEST_F(ConfigFileTest, TheEnvironmentFillsPathsAndChoosesTheDevice) {
  ::setenv("YOAKE_TEST_DATA", "/somewhere", 1);
  ::setenv("YOAKE_DEVICE", "cuda:3", 1);
  const TrainConfig config = Load(R"({"data": {"train": "${YOAKE_TEST_DATA}/t.json"}})");
  EXPECT_EQ(config.data_train, "/somewhere/t.json");
  EXPECT_EQ(config.device, "cuda:3");
  ::unsetenv("YOAKE_TEST_DATA");
  EXPECT_THAT(ErrorOf(R"({"data": {"train": "${YOAKE_TEST_DATA}/t.json"}})", {}),
              testing::HasSubstr("YOAKE_TEST_DATA"));
}

TEST_F(ConfigFileTest, OverridesReachKeysThatTheFileDoesNotWrite) {
  const TrainConfig config = Load("{}", {"optimizer.lr=0.5", "model.size=tiny", "loss.bbox.loss_weight=2"});
  EXPECT_EQ(config.optimizer.lr, 0.5);
  EXPECT_EQ(config.model.size, "tiny");
  EXPECT_EQ(config.loss.bbox.Text("reduction"), "sum");
}

TEST_F(ConfigFileTest, AnotherLossTypeKeepsWeightAndReductionOnly) {
  const TrainConfig config =
      Load("{}", {"loss.bbox.type=CIoULoss", "loss.cls.type=FocalLoss", "loss.cls.gamma=1.5"});
  EXPECT_EQ(config.loss.bbox.type, "CIoULoss");
  EXPECT_EQ(config.loss.bbox.NumberAt("loss_weight", 0), 5.0);
  EXPECT_EQ(config.loss.bbox.Text("reduction"), "sum");
  EXPECT_EQ(config.loss.cls.NumberAt("gamma", 0), 1.5);
  // A whole object is a pasted one.
  EXPECT_EQ(Load("{}", {R"(loss.cls={"type":"FocalLoss"})"}).loss.cls.Text("reduction"), "mean");
}

TEST_F(ConfigFileTest, OverridesReachEveryTransform) {
  const TrainConfig config = Load(R"({"augment": {"hsv": {"hue": 0}}})",
                                  {"augment.mixup.prob=0.2", "augment.hsv.value=0.1", "augment.flip.prob=0"});
  EXPECT_EQ(config.augment.transforms.at("mixup").at("prob"), 0.2);
  EXPECT_EQ(config.augment.transforms.at("hsv"),
            (TransformParams{{"hue", 0}, {"saturation", 0.7}, {"value", 0.1}}));
  EXPECT_EQ(config.augment.transforms.at("flip").at("prob"), 0);
  EXPECT_THAT(ErrorOf("{}", {"augment.mixup.prop=1"}), testing::HasSubstr("did you mean 'prob'"));
  EXPECT_THAT(ErrorOf("{}", {"augment.mixpu.prob=1"}), testing::HasSubstr("did you mean 'mixup'"));
  EXPECT_THAT(ErrorOf("{}", {"augment.oder=[]"}), testing::HasSubstr("did you mean 'order'"));
  EXPECT_THAT(ErrorOf("{}", {"augment.hsv_s=1"}), testing::HasSubstr("augment.hsv.saturation"));
  EXPECT_THAT(ErrorOf("{}", {"augment.mosaic=0"}), testing::HasSubstr("augment.mosaic.prob"));
}

TEST_F(ConfigFileTest, MisspeltOverridesAreExplained) {
  EXPECT_THAT(ErrorOf("{}", {"optimiser.lr=1"}), testing::HasSubstr("did you mean 'optimizer'"));
  EXPECT_THAT(ErrorOf("{}", {"optimizer.rl=1"}),
              testing::HasSubstr("unknown key 'optimizer.rl'; did you mean 'lr'"));
  EXPECT_THAT(ErrorOf("{}", {"epoch=3"}), testing::HasSubstr("did you mean 'epochs'"));
  EXPECT_THAT(ErrorOf("{}", {"epochs"}), testing::HasSubstr("expected key=value"));
  EXPECT_THAT(ErrorOf("{}", {"loss.cls.type=FocalLos"}), testing::HasSubstr("did you mean 'FocalLoss'"));
}

TEST_F(ConfigFileTest, APresetLiesUnderTheFileAndOverItOnTheCommandLine) {
  const TrainConfig quirks = Load(R"({"preset": "megvii_quirks", "ema": {"ramp_steps": 500}})");
  EXPECT_EQ(quirks.augment.transforms.at("mosaic").at("centred"), 0);
  EXPECT_EQ(quirks.schedule.lag_steps, 1);
  EXPECT_EQ(quirks.ema.ramp_steps, 500);
  const std::string file = R"({"epochs": 300, "loss": {"bbox": {"type": "CIoULoss"}}})";
  const TrainConfig fast = Load(file, {"preset=fast", "batch=2"});
  EXPECT_LT(fast.epochs, 300);
  EXPECT_EQ(fast.batch, 2);
  EXPECT_EQ(fast.loss.bbox.type, "CIoULoss");
  EXPECT_EQ(ToJson(Load(file, {R"(preset=["fast","megvii_quirks"])"}))["augment"]["hsv_shift"]["prob"], 1);
}

TEST_F(ConfigFileTest, EveryPresetFitsTheDefaults) {
  for (const std::string& name : PresetNames()) {
    if (name == "device") continue;  // It may fit as it is.
    EXPECT_NE(ToJson(Load("{}", {"preset=" + name})), ToJson(TrainConfig{})) << name;
  }
}

TEST_F(ConfigFileTest, TheDevicesPresetKeepsTheStepsImages) {
  const TrainConfig config = Load(R"({"preset": "device", "input_size": 64, "batch": 6, "workers": 1})");
  EXPECT_EQ(StepImages(config), 6);
  EXPECT_EQ(config.workers, 1) << "what the file writes wins";
  EXPECT_GT(config.cache_gb, 0);
}

TEST_F(ConfigFileTest, AWrongPresetIsNamed) {
  EXPECT_THAT(ErrorOf(R"({"preset": "megvi_quirks"})", {}),
              testing::HasSubstr("did you mean 'megvii_quirks'"));
  EXPECT_THAT(ErrorOf("{}", {"preset=3"}), testing::HasSubstr("name or a list of names"));
}

TEST_F(ConfigFileTest, AMissingFileIsTheUsersToMend) {
  try {
    LoadTrainConfig(scratch_.path() / "none.json", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(ExitCode(error.kind()), 2);
  }
}

}  // namespace
}  // namespace yoake::trainer
