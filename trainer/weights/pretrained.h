#pragma once

#include <torch/nn/module.h>

#include <filesystem>
#include <string>
#include <vector>

namespace yoake::trainer {

// What became of the weights that a run starts from. Nothing is left out silently.
struct PretrainedReport {
  std::size_t taken = 0;              // Tensors of the model that now hold the file's numbers.
  std::size_t total = 0;              // Tensors of the model.
  std::string summary;                // One line: how many, by whose names, what of the class head.
  std::vector<std::string> warnings;  // A line each for what is missing, of another shape, ignored, unread.
};

// Starts a YOLOX from a checkpoint of yoake, Megvii, mmdetection or mmyolo (key_names.h); half precision is
// widened. Where a file holds an average beside raw weights, the average is taken: it stands under the plain
// names in all four.
//
// The class head is taken row by row where the file tells its categories (ours and mmengine's do): a
// category of the same name keeps its row, the others start anew. A file that names none is taken as it is
// when it has as many, else the class head starts anew.
//
// Throws Error{kIo, kData} for a file that cannot be read, holds no weights or numbers that are not finite,
// and Error{kConfig} for a model of another width than the file's.
PretrainedReport LoadPretrained(const std::filesystem::path& path, const std::vector<std::string>& categories,
                                torch::nn::Module& model);

}  // namespace yoake::trainer
