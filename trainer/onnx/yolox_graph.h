#pragma once

#include <optional>

#include "trainer/onnx/graph.h"
#include "trainer/weights/checkpoint.h"

namespace yoake::trainer {

struct OnnxOptions {
  int input_size = 416;          // Pixels, a multiple of 32.
  std::optional<int> batch = 1;  // Images a run; absent: left open.
  // Whether boxes are decoded in the graph. Either way the layout is that of Megvii's export_onnx.py, with
  // and without --decode_in_inference, so that programs written for its files take ours.
  bool decode = true;
};

// Writes the YOLOX of a state dict (Megvii's keys, which tell its depth, width and kind of convolutions) as
// it predicts:
//   input  "images" [B, 3, S, S]    BGR, 0..255, letterboxed as augment/letterbox.h does
//   output "output" [B, A, 5 + nc]  cx, cy, w, h, then sigmoids of objectness and of each class; the box in
//                                   input pixels, or not decoded: (cx / stride - column, cy / stride - row,
//                                   ln(w / stride), ln(h / stride)). A as in models/decode.h.
// Same sums in fewer steps: BatchNorm is folded into its convolution (in double); the stem's slices and its
// 3x3 convolution are one 6x6 convolution of stride 2. Tensors bear the modules' names; the levels' raw
// outputs [B, 5 + nc, H, W] are "head.0", "head.1", "head.2".
// Throws Error{kData} naming a key that is missing.
OnnxGraph YoloxGraph(const StateDict& state, const OnnxOptions& options);

}  // namespace yoake::trainer
