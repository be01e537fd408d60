#pragma once

#include <string>
#include <vector>

namespace yoake::trainer {

// Whose names the weights of a YOLOX carry. Our own models have Megvii's.
enum class KeyNames { kMegvii, kMmdetection, kMmyolo };

std::string ToString(KeyNames names);

// By parts that only one of them has. mmdetection's and mmyolo's backbones are named alike: a file that holds
// nothing else counts as mmdetection's.
KeyNames GuessKeyNames(const std::vector<std::string>& keys);

// The key without the names of wrappers in front ("module." of DistributedDataParallel, "model.", ...).
std::string WithoutWrappers(const std::string& key);

// Megvii's name for the same tensor; a key of no part that we know stays as it is. Sources:
// mmdet/models/{backbones/csp_darknet,necks/yolox_pafpn,dense_heads/yolox_head}.py, alike in 2.x and 3.x, and
// mmyolo's tools/model_converters/yolox_to_mmyolo.py.
std::string MegviiName(const std::string& key, KeyNames names);

}  // namespace yoake::trainer
