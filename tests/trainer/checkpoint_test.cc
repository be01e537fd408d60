#include "trainer/weights/checkpoint.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/scratch_folder.h"
#include "trainer/models/yolox.h"

namespace yoake::trainer {
namespace {

namespace fs = std::filesystem;

ModelConfig Small() {
  ModelConfig config;
  config.width = .125;
  return config;
}

TEST(Checkpoint, RoundTripKeepsEveryBit) {
  Checkpoint saved;
  saved.model = StateOf(*MakeYolox(Small(), 3, 4));
  saved.groups["optimizer"] = {{"step", at::tensor(std::int64_t{12345678901})},
                               {"strided", at::arange(12, at::kFloat).view({3, 4}).t()},
                               {"nothing", at::empty({0, 4})}};
  saved.meta = {{"epoch", 3}, {"categories", {"Zelle", "\u7d30\u80de"}}};
  SaveCheckpoint(ScratchFile("round.pt"), saved);
  const Checkpoint loaded = LoadCheckpoint(ScratchFile("round.pt"));
  ASSERT_EQ(loaded.model.size(), saved.model.size());
  for (std::size_t i = 0; i < saved.model.size(); ++i) {
    EXPECT_EQ(loaded.model[i].first, saved.model[i].first);
    EXPECT_EQ(loaded.model[i].second.scalar_type(), saved.model[i].second.scalar_type());
    EXPECT_TRUE(loaded.model[i].second.equal(saved.model[i].second)) << saved.model[i].first;
  }
  EXPECT_EQ(loaded.meta, saved.meta);
  ASSERT_EQ(loaded.groups.size(), 1U);
  const StateDict& optimizer = loaded.groups.at("optimizer");
  EXPECT_EQ(optimizer[0].second.item<std::int64_t>(), 12345678901);
  EXPECT_TRUE(optimizer[1].second.equal(saved.groups["optimizer"][1].second));
  EXPECT_EQ(optimizer[2].second.sizes(), at::IntArrayRef({0, 4}));
}

TEST(Checkpoint, ReadsForeignStateDicts) {
  const fs::path folder = fs::path(YOAKE_SOURCE_DIR) / "tests" / "trainer" / "data";
  EXPECT_EQ(LoadCheckpoint(folder / "state_dict.pth").model.size(), 11U);
  const Checkpoint nested = LoadCheckpoint(folder / "training_state.pth");
  ASSERT_EQ(nested.model.size(), 1U);
  EXPECT_EQ(nested.model[0].first, "a");
  EXPECT_TRUE(nested.meta.is_null());
}

TEST(Checkpoint, SaysWhatIsWrongWithAFile) {
  try {
    LoadCheckpoint(ScratchFile("absent.pt"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(error.what()).find("absent.pt"), std::string::npos);
  }
  SaveCheckpoint(ScratchFile("empty.pt"), Checkpoint{});
  EXPECT_THROW(LoadCheckpoint(ScratchFile("empty.pt")), Error);
}

TEST(Checkpoint, LoadingNamesWhatDoesNotFit) {
  Yolox model = MakeYolox(Small(), 3, 1);
  StateDict state = StateOf(*MakeYolox(Small(), 5, 2));
  state.emplace_back("head.extra", at::ones({1}));
  const std::string missing = state.front().first;
  state.erase(state.begin());
  const LoadReport report = LoadState(*model, state);
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.missing, std::vector<std::string>{missing});
  EXPECT_EQ(report.unexpected, std::vector<std::string>{"head.extra"});
  ASSERT_EQ(report.mismatched.size(), 6U);  // Weight and bias of three class convolutions.
  EXPECT_NE(report.mismatched[0].find("file [5"), std::string::npos) << report.mismatched[0];
  EXPECT_NE(report.Text().find("head.extra"), std::string::npos);
  EXPECT_TRUE(LoadState(*model, StateOf(*MakeYolox(Small(), 3, 9))).complete());
}

TEST(Yolox, SeedAloneDecidesTheWeights) {
  const StateDict one = StateOf(*MakeYolox(Small(), 3, 7));
  const StateDict same = StateOf(*MakeYolox(Small(), 3, 7));
  const StateDict other = StateOf(*MakeYolox(Small(), 3, 8));
  bool differs = false;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_TRUE(one[i].second.equal(same[i].second));
    differs = differs || !one[i].second.equal(other[i].second);
  }
  EXPECT_TRUE(differs);
}

// Megvii's own counts: 642 keys with depthwise convolutions, 462 without; nano .90 M, tiny 5.06 M, s 8.97 M
// parameters.
TEST(Yolox, SizesAreMegviis) {
  struct Row {
    const char* size;
    std::size_t keys;
    double parameters_m;
  };
  for (const Row& row : {Row{"nano", 642, .91}, Row{"tiny", 462, 5.06}, Row{"s", 462, 8.97}}) {
    ModelConfig config;
    config.size = row.size;
    const Yolox model = MakeYolox(config, 80);
    std::int64_t count = 0;
    for (const at::Tensor& parameter : model->parameters()) count += parameter.numel();
    EXPECT_EQ(StateOf(*model).size(), row.keys) << row.size;
    EXPECT_NEAR(static_cast<double>(count) / 1e6, row.parameters_m, .01) << row.size;
  }
}

TEST(Yolox, UnknownChoicesAreConfigurationErrors) {
  ModelConfig config;
  config.size = "giant";
  EXPECT_THROW(MakeYolox(config, 3), Error);
  config = {};
  config.type = "RetinaNet";
  EXPECT_THROW(MakeYolox(config, 3), Error);
  config = {};
  config.width = 0;
  EXPECT_THROW(MakeYolox(config, 3), Error);
  EXPECT_THROW(MakeYolox(ModelConfig{}, 0), Error);
}

}  // namespace
}  // namespace yoake::trainer
