#include "metrics/coco/eval_result.h"

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/rng.h"
#include "metrics/coco/coco_eval.h"
#include "tests/metrics/random_scene.h"
#include "tests/support/message_of.h"

namespace yoake::metrics {
namespace {

using testing::HasSubstr;

EvalResult SomeResult() {
  RandomStream random(11);
  SceneOptions options;
  options.categories = 12;  // Some have no truth.
  const Scene scene = RandomScene(options, &random);
  return EvaluateCoco(scene.truth, scene.detections);
}

TEST(EvalResultTest, JsonReadsBackExactly) {
  const EvalResult result = SomeResult();
  const nlohmann::json json = ToJson(result);
  const nlohmann::json reread = nlohmann::json::parse(json.dump());
  EXPECT_EQ(reread, json);
  EXPECT_EQ(ToJson(EvalResultFromJson(reread, "x.json")), json);
}

TEST(EvalResultTest, JsonHasThePromisedKeysAndNullWhereUndefined) {
  EvalResult result;
  result.stats.AP = 0.1;
  result.per_category.push_back({});
  result.per_category[0].category = "car";
  result.per_category[0].mAP_50 = 1.0 / 3;
  const nlohmann::json json = ToJson(result);
  EXPECT_EQ(json["stats"], nlohmann::json::parse(R"({"AP":0.1,"AP50":null,"AP75":null,"APs":null,"APm":null,
      "APl":null,"AR1":null,"AR10":null,"AR100":null,"ARs":null,"ARm":null,"ARl":null})"));
  EXPECT_EQ(json["per_category"], nlohmann::json::parse(R"([{"category_id":0,"category":"car","mAP":null,
      "mAP_50":0.3333333333333333,"mAP_75":null,"mAP_s":null,"mAP_m":null,"mAP_l":null,"AR_1":null,"AR_10":null,
      "AR_100":null,"AR_s":null,"AR_m":null,"AR_l":null,"n_gt":0,"n_crowd":0,"n_dt":0}])"));
  EXPECT_EQ(json["warnings"], nlohmann::json::array());
}

TEST(EvalResultTest, DamagedJsonNamesFileAndPath) {
  nlohmann::json json = ToJson(SomeResult());
  json["per_category"][1]["mAP_75"] = "high";
  EXPECT_THAT(MessageOf([&] { EvalResultFromJson(json, "r.json"); }),
              HasSubstr("r.json: $.per_category[1].mAP_75: expected a number"));
  json = ToJson(SomeResult());
  json["stats"].erase("ARm");
  EXPECT_THAT(MessageOf([&] { EvalResultFromJson(json, "r.json"); }), HasSubstr("'ARm' is required"));
}

TEST(EvalResultTest, MetricsHaveNames) {
  EvalResult result;
  result.stats.AP = 0.25;
  result.stats.AR10 = 0.5;
  CategoryRow row;
  row.category = "traffic light v1.2";
  row.mAP_s = 0.75;
  result.per_category = {row};
  EXPECT_EQ(MetricByName(result, "mAP"), 0.25);
  EXPECT_EQ(MetricByName(result, "AR_10"), 0.5);
  EXPECT_EQ(MetricByName(result, "mAP_50"), std::nullopt);
  EXPECT_EQ(MetricByName(result, "traffic light v1.2.mAP_s"), 0.75);
  EXPECT_EQ(MetricByName(result, "traffic light v1.2.AR_l"), std::nullopt);
  EXPECT_EQ(MetricNames().size(), 12u);
  for (const std::string& name : MetricNames()) EXPECT_NO_THROW(MetricByName(result, name)) << name;
}

TEST(EvalResultTest, UnknownNamesAreErrorsWithAHint) {
  EvalResult result;
  CategoryRow row;
  row.category = "person";
  result.per_category = {row};
  EXPECT_THAT(MessageOf([&] { MetricByName(result, "mAP50"); }), HasSubstr("did you mean 'mAP_50'?"));
  EXPECT_THAT(MessageOf([&] { MetricByName(result, "persn.mAP"); }), HasSubstr("did you mean 'person'?"));
  EXPECT_THAT(MessageOf([&] { MetricByName(result, "person.MAP"); }), HasSubstr("unknown metric 'MAP'"));
  EXPECT_THAT(MessageOf([&] { MetricByName(result, ""); }), HasSubstr("unknown metric ''"));
}

}  // namespace
}  // namespace yoake::metrics
