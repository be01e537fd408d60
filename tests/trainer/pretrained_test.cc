#include "trainer/weights/pretrained.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "core/crc32.h"
#include "core/error.h"
#include "tests/support/message_of.h"
#include "tests/support/outside_judge.h"
#include "tests/support/scratch_folder.h"
#include "trainer/models/yolox.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kScript = PythonScript("trainer/checkpoint_with_torch.py");

bool HasTorch() { return std::system((kScript + "--probe 2> /dev/null").c_str()) == 0; }

ModelConfig Small(bool depthwise = true) {
  ModelConfig config;
  config.width = .125;
  config.depthwise = depthwise;
  return config;
}

const std::vector<std::string> kNames = {"person", "car", "bicycle"};

// Weights in which no two tensors are alike, statistics included.
StateDict Distinct(const torch::nn::Module& model) {
  StateDict state;
  for (const auto& [name, tensor] : StateOf(model)) {
    const auto count = static_cast<double>(state.size());
    state.emplace_back(
        name, tensor.is_floating_point() ? tensor.clone().add_(count / 64) : at::full_like(tensor, count));
  }
  return state;
}

// The state with every number as it comes back from this type.
StateDict Through(at::ScalarType type, StateDict state) {
  for (auto& [name, tensor] : state) {
    if (tensor.is_floating_point()) tensor = tensor.to(type).to(at::kFloat);
  }
  return state;
}

void ExpectHolds(const torch::nn::Module& model, const StateDict& expected) {
  const StateDict state = StateOf(model);
  ASSERT_EQ(state.size(), expected.size());
  for (std::size_t i = 0; i < state.size(); ++i) {
    EXPECT_TRUE(state[i].second.equal(expected[i].second)) << state[i].first;
  }
}

class PretrainedTest : public testing::Test {
 protected:
  fs::path Save(const std::string& name, const StateDict& model, const nlohmann::json& meta = nullptr) {
    const fs::path path = scratch_.path() / name;
    SaveCheckpoint(path, {.model = model, .groups = {}, .meta = meta});
    return path;
  }
  ScratchFolder scratch_;
};

TEST_F(PretrainedTest, TakesWhatPyTorchWroteInEveryForm) {
  if (!HasTorch()) GTEST_SKIP() << "needs Debian's PyTorch (apt-get install python3-torch)";
  for (const bool depthwise : {true, false}) {
    const fs::path folder = scratch_.path() / (depthwise ? "depthwise" : "plain");
    fs::create_directories(folder);
    const StateDict state = Distinct(*MakeYolox(Small(depthwise), 3, 4));
    SaveCheckpoint(folder / "ours.pt", {.model = state, .groups = {}, .meta = {{"names", kNames}}});
    ASSERT_EQ(std::system((kScript + "write " + folder.string()).c_str()), 0);
    int read = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().stem();
      SCOPED_TRACE(name);
      Yolox model = MakeYolox(Small(depthwise), 3, 9);
      if (name.starts_with("refused")) {
        EXPECT_THROW(LoadPretrained(entry.path(), kNames, *model), Error);
        continue;
      }
      const PretrainedReport report = LoadPretrained(entry.path(), kNames, *model);
      EXPECT_EQ(report.taken, report.total) << report.summary << testing::PrintToString(report.warnings);
      const bool mm = name.find("mm") != std::string::npos;
      EXPECT_THAT(report.summary, HasSubstr(mm ? "classes by name" : "classes in the file's order"));
      EXPECT_EQ(report.warnings.size(), name == "mmdetection2" ? 1U : 0U)
          << testing::PrintToString(report.warnings);
      const at::ScalarType type = name == "half"       ? at::kHalf
                                  : name == "bfloat16" ? at::kBFloat16
                                                       : at::kFloat;
      ExpectHolds(*model, Through(type, state));
      ++read;
    }
    EXPECT_EQ(read, 15);
  }
}

TEST_F(PretrainedTest, SaysHowToConvertWhatItCannotRead) {
  if (!HasTorch()) GTEST_SKIP() << "needs Debian's PyTorch (apt-get install python3-torch)";
  Save("ours.pt", StateOf(*MakeYolox(Small(), 3, 4)), {{"names", kNames}});
  ASSERT_EQ(std::system((kScript + "write " + scratch_.path().string()).c_str()), 0);
  const auto message = [&](const std::string& name) {
    return MessageOf([&] { LoadCheckpoint(scratch_.path() / (name + ".pth")); });
  };
  EXPECT_THAT(message("refused_object"), HasSubstr("whole object torch.nn.modules.linear.Linear"));
  EXPECT_THAT(message("refused_object"), HasSubstr("torch.save(model.state_dict(), \"new.pth\")"));
  EXPECT_THAT(message("refused_legacy_object"), HasSubstr("torch.nn.modules.linear.Linear"));
  EXPECT_THAT(message("refused_script"),
              HasSubstr("torch.save(torch.jit.load(path).state_dict(), \"new.pth\")"));
  EXPECT_THAT(message("refused_tensor"), HasSubstr("no state dict"));
  EXPECT_THAT(message("refused_cut"), HasSubstr("ends in the middle"));
  EXPECT_THAT(message("refused_torn"), HasSubstr("cut off or damaged"));
}

TEST_F(PretrainedTest, PyTorchReadsEveryBitOfOurs) {
  if (!HasTorch()) GTEST_SKIP() << "needs Debian's PyTorch (apt-get install python3-torch)";
  Checkpoint saved;
  saved.model = Distinct(*MakeYolox(Small(), 3, 4));
  for (const at::ScalarType type : {at::kDouble, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                                    at::kChar, at::kByte, at::kBool}) {
    saved.groups["types"].emplace_back(at::toString(type), at::arange(12).view({3, 4}).t().to(type));
  }
  saved.groups["types"].emplace_back("empty", at::empty({0, 3}));
  saved.groups["types"].emplace_back("scalar", at::full({}, 3.5));
  saved.meta = {{"epoch", 3}, {"name", "\u7d30\u80de"}};
  const fs::path path = scratch_.path() / "ours.pt";
  SaveCheckpoint(path, saved);
  const auto found = nlohmann::json::parse(OutputOf(kScript + "read " + path.string()));
  EXPECT_EQ(nlohmann::json::parse(found["meta"].get<std::string>()), saved.meta);
  saved.groups["model"] = saved.model;
  for (const auto& [group, state] : saved.groups) {
    ASSERT_EQ(found[group].size(), state.size());
    for (const auto& [name, tensor] : state) {
      const at::Tensor dense = tensor.contiguous();
      const std::string_view bytes(static_cast<const char*>(dense.data_ptr()), dense.nbytes());
      EXPECT_EQ(found[group][name][1].get<std::vector<std::int64_t>>(), tensor.sizes().vec()) << name;
      EXPECT_EQ(found[group][name][2].get<std::uint32_t>(), Crc32(bytes)) << name;
    }
  }
}

TEST_F(PretrainedTest, CategoriesOfTheSameNameKeepTheirRows) {
  Yolox source = MakeYolox(Small(), 5, 4);
  const nlohmann::json meta = {{"categories",
                                {{{"name", "boat"}},
                                 {{"name", "bicycle"}},
                                 {{"name", "cat"}},
                                 {{"name", "person"}},
                                 {{"name", "dog"}}}}};
  const fs::path path = Save("five.pt", Distinct(*source), meta);
  Yolox model = MakeYolox(Small(), 3, 9);
  const auto weight = [](const StateDict& state) {
    return std::map<std::string, at::Tensor>(state.begin(), state.end()).at("head.cls_preds.1.weight");
  };
  const at::Tensor own_car = weight(StateOf(*model))[1].clone();
  const at::Tensor theirs = weight(Distinct(*source));
  const PretrainedReport report = LoadPretrained(path, kNames, *model);
  EXPECT_EQ(report.taken, report.total);
  EXPECT_THAT(report.summary, HasSubstr("classes by name: person, bicycle taken, car start anew"));
  const at::Tensor now = weight(StateOf(*model));
  EXPECT_TRUE(now[0].equal(theirs[3]));
  EXPECT_TRUE(now[1].equal(own_car));
  EXPECT_TRUE(now[2].equal(theirs[1]));
}

TEST_F(PretrainedTest, AnotherNumberOfUnnamedClassesStartsTheClassHeadAnew) {
  const StateDict state = Distinct(*MakeYolox(Small(), 80, 4));
  Yolox model = MakeYolox(Small(), 3, 9);
  const StateDict before = [&] {
    StateDict copy;
    for (const auto& [name, tensor] : StateOf(*model)) copy.emplace_back(name, tensor.clone());
    return copy;
  }();
  const PretrainedReport report = LoadPretrained(Save("coco.pt", state), kNames, *model);
  EXPECT_THAT(report.summary, HasSubstr("the class head starts anew (80 classes in the file, 3 here)"));
  const StateDict after = StateOf(*model);
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool head = after[i].first.starts_with("head.cls_preds.");
    EXPECT_TRUE(after[i].second.equal(head ? before[i].second : state[i].second)) << after[i].first;
  }
}

TEST_F(PretrainedTest, NothingIsLeftOutSilently) {
  StateDict state = Distinct(*MakeYolox(Small(), 3, 4));
  const std::string missing = state.back().first;
  state.pop_back();
  state.emplace_back("head.extra", at::ones({2}));
  Yolox model = MakeYolox(Small(), 3, 9);
  const PretrainedReport report = LoadPretrained(Save("some.pt", state), kNames, *model);
  EXPECT_EQ(report.taken, report.total - 1);
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_THAT(report.warnings[0], HasSubstr("missing in the file (left as they were) 1: " + missing));
  EXPECT_THAT(report.warnings[0], HasSubstr("not in the model (ignored) 1: head.extra"));
}

TEST_F(PretrainedTest, RefusesWhatCannotBeMeant) {
  const auto message = [&](const StateDict& state) {
    return MessageOf([&] { LoadPretrained(Save("bad.pt", state), kNames, *MakeYolox(Small(), 3, 9)); });
  };
  ModelConfig tiny;
  tiny.width = .375;
  EXPECT_THAT(message(StateOf(*MakeYolox(tiny, 3, 4))), HasSubstr("24 channels, as model.size tiny"));
  EXPECT_THAT(message({{"classifier.weight", at::ones({3})}}),
              HasSubstr("none of its 1 tensors (classifier.weight"));
  StateDict state = StateOf(*MakeYolox(Small(), 3, 4));
  state[7].second = at::full_like(state[7].second, std::numeric_limits<double>::infinity());
  EXPECT_THAT(message(state), HasSubstr(state[7].first + " holds numbers that are not finite"));
}

}  // namespace
}  // namespace yoake::trainer
