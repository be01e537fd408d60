#include "trainer/weights/key_names.h"

#include <gtest/gtest.h>

namespace yoake::trainer {
namespace {

TEST(KeyNamesTest, EveryKindOfPart) {
  struct Row {
    const char* mmdetection;
    const char* mmyolo;
    const char* megvii;
  };
  const Row rows[] = {
      {"backbone.stem.conv.conv.weight", "backbone.stem.conv.conv.weight",
       "backbone.backbone.stem.conv.conv.weight"},
      {"backbone.stage1.0.bn.bias", "backbone.stage1.0.bn.bias", "backbone.backbone.dark2.0.bn.bias"},
      {"backbone.stage3.1.blocks.2.conv2.depthwise_conv.bn.weight",
       "backbone.stage3.1.blocks.2.conv2.depthwise_conv.bn.weight",
       "backbone.backbone.dark4.1.m.2.conv2.dconv.bn.weight"},
      {"backbone.stage4.1.conv2.conv.weight", "backbone.stage4.1.conv2.conv.weight",
       "backbone.backbone.dark5.1.conv2.conv.weight"},
      {"backbone.stage4.2.short_conv.conv.weight", "backbone.stage4.2.short_conv.conv.weight",
       "backbone.backbone.dark5.2.conv2.conv.weight"},
      {"neck.reduce_layers.0.conv.weight", "neck.reduce_layers.2.conv.weight",
       "backbone.lateral_conv0.conv.weight"},
      {"neck.reduce_layers.1.conv.weight", "neck.top_down_layers.0.1.conv.weight",
       "backbone.reduce_conv1.conv.weight"},
      {"neck.top_down_blocks.1.final_conv.bn.running_var", "neck.top_down_layers.1.final_conv.bn.running_var",
       "backbone.C3_p3.conv3.bn.running_var"},
      {"neck.out_convs.2.bn.num_batches_tracked", "neck.out_layers.2.bn.num_batches_tracked",
       "head.stems.2.bn.num_batches_tracked"},
      {"bbox_head.multi_level_cls_convs.1.0.pointwise_conv.conv.weight",
       "bbox_head.head_module.multi_level_cls_convs.1.0.pointwise_conv.conv.weight",
       "head.cls_convs.1.0.pconv.conv.weight"},
      {"bbox_head.multi_level_conv_obj.0.bias", "bbox_head.head_module.multi_level_conv_obj.0.bias",
       "head.obj_preds.0.bias"},
      {"bbox_head.other.weight", "bbox_head.other.weight", "bbox_head.other.weight"},
      {"backbone.stage10.0.bn.bias", "backbone.stage10.0.bn.bias", "backbone.stage10.0.bn.bias"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(MegviiName(row.mmdetection, KeyNames::kMmdetection), row.megvii);
    EXPECT_EQ(MegviiName(row.mmyolo, KeyNames::kMmyolo), row.megvii);
    EXPECT_EQ(MegviiName(row.megvii, KeyNames::kMegvii), row.megvii);
  }
}

TEST(KeyNamesTest, GuessesByWhatOnlyOneOfThemHas) {
  EXPECT_EQ(GuessKeyNames({"backbone.backbone.stem.conv.conv.weight", "head.stems.0.conv.weight"}),
            KeyNames::kMegvii);
  EXPECT_EQ(GuessKeyNames({"module.backbone.lateral_conv0.conv.weight"}), KeyNames::kMegvii);
  EXPECT_EQ(GuessKeyNames({"backbone.stem.conv.conv.weight"}), KeyNames::kMmdetection);
  EXPECT_EQ(GuessKeyNames({"module.bbox_head.multi_level_conv_cls.0.weight"}), KeyNames::kMmdetection);
  EXPECT_EQ(GuessKeyNames({"backbone.stem.conv.conv.weight", "neck.top_down_layers.1.blocks.0"}),
            KeyNames::kMmyolo);
  EXPECT_EQ(GuessKeyNames({}), KeyNames::kMegvii);
}

TEST(KeyNamesTest, WrappersInFrontGo) {
  EXPECT_EQ(WithoutWrappers("module.model.head.x"), "head.x");
  EXPECT_EQ(WithoutWrappers("modules.head.x"), "modules.head.x");
  EXPECT_EQ(WithoutWrappers("head.model.x"), "head.model.x");
}

}  // namespace
}  // namespace yoake::trainer
