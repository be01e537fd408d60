#include "trainer/weights/key_names.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"

namespace yoake::trainer {
namespace {

// One part of the network, by name.
struct Part {
  const char* megvii;
  const char* mmdetection;
  const char* mmyolo;
};
constexpr Part kParts[] = {
    {"backbone.backbone.stem", "backbone.stem", "backbone.stem"},
    {"backbone.backbone.dark2", "backbone.stage1", "backbone.stage1"},
    {"backbone.backbone.dark3", "backbone.stage2", "backbone.stage2"},
    {"backbone.backbone.dark4", "backbone.stage3", "backbone.stage3"},
    {"backbone.backbone.dark5", "backbone.stage4", "backbone.stage4"},
    {"backbone.lateral_conv0", "neck.reduce_layers.0", "neck.reduce_layers.2"},
    {"backbone.C3_p4", "neck.top_down_blocks.0", "neck.top_down_layers.0.0"},
    {"backbone.reduce_conv1", "neck.reduce_layers.1", "neck.top_down_layers.0.1"},
    {"backbone.C3_p3", "neck.top_down_blocks.1", "neck.top_down_layers.1"},
    {"backbone.bu_conv2", "neck.downsamples.0", "neck.downsample_layers.0"},
    {"backbone.C3_n3", "neck.bottom_up_blocks.0", "neck.bottom_up_layers.0"},
    {"backbone.bu_conv1", "neck.downsamples.1", "neck.downsample_layers.1"},
    {"backbone.C3_n4", "neck.bottom_up_blocks.1", "neck.bottom_up_layers.1"},
    {"head.stems", "neck.out_convs", "neck.out_layers"},
    {"head.cls_convs", "bbox_head.multi_level_cls_convs", "bbox_head.head_module.multi_level_cls_convs"},
    {"head.reg_convs", "bbox_head.multi_level_reg_convs", "bbox_head.head_module.multi_level_reg_convs"},
    {"head.cls_preds", "bbox_head.multi_level_conv_cls", "bbox_head.head_module.multi_level_conv_cls"},
    {"head.reg_preds", "bbox_head.multi_level_conv_reg", "bbox_head.head_module.multi_level_conv_reg"},
    {"head.obj_preds", "bbox_head.multi_level_conv_obj", "bbox_head.head_module.multi_level_conv_obj"},
};

// Names within a part, the same in mmdetection and mmyolo.
struct Segment {
  std::string_view megvii;
  std::string_view theirs;
};
constexpr Segment kSegments[] = {{"conv1", "main_conv"},      {"conv2", "short_conv"},
                                 {"conv3", "final_conv"},     {"m", "blocks"},
                                 {"dconv", "depthwise_conv"}, {"pconv", "pointwise_conv"}};

bool StartsWithPart(std::string_view key, std::string_view part) {
  return key.starts_with(part) && key.size() > part.size() && key[part.size()] == '.';
}

// ".1.main_conv.conv.weight" -> ".1.conv1.conv.weight"; every segment follows a dot.
std::string WithinPart(std::string_view rest) {
  std::string renamed;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('.', 1), rest.size());
    std::string_view segment = rest.substr(1, end - 1);
    for (const Segment& known : kSegments) {
      if (segment == known.theirs) segment = known.megvii;
    }
    renamed.append(".").append(segment);
    rest.remove_prefix(end);
  }
  return renamed;
}

}  // namespace

std::string ToString(KeyNames names) {
  switch (names) {
    case KeyNames::kMegvii:
      return "Megvii";
    case KeyNames::kMmdetection:
      return "mmdetection";
    case KeyNames::kMmyolo:
      return "mmyolo";
  }
  throw Error(ErrorKind::kInternal, "key names out of range");
}

KeyNames GuessKeyNames(const std::vector<std::string>& keys) {
  const auto has = [&](std::string_view begin) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const std::string& key) { return WithoutWrappers(key).starts_with(begin); });
  };
  if (has("bbox_head.head_module.") || has("neck.top_down_layers.")) return KeyNames::kMmyolo;
  if (has("bbox_head.") || has("neck.") || has("backbone.stage") || has("backbone.stem")) {
    return KeyNames::kMmdetection;
  }
  return KeyNames::kMegvii;
}

std::string WithoutWrappers(const std::string& key) {
  std::string_view rest = key;
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view wrapper : {"module.", "model.", "_orig_mod.", "detector."}) {
      if (!rest.starts_with(wrapper)) continue;
      rest.remove_prefix(wrapper.size());
      again = true;
    }
  }
  return std::string(rest);
}

std::string MegviiName(const std::string& key, KeyNames names) {
  if (names == KeyNames::kMegvii) return key;
  for (const Part& part : kParts) {
    const std::string_view theirs = names == KeyNames::kMmyolo ? part.mmyolo : part.mmdetection;
    if (StartsWithPart(key, theirs))
      return part.megvii + WithinPart(std::string_view(key).substr(theirs.size()));
  }
  return key;
}

}  // namespace yoake::trainer
