#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "datasets/coco_raw.h"
#include "datasets/dataset.h"
#include "datasets/finding.h"

namespace yoake::datasets {

// Called for everything that makes a COCO file wrong. The strict reader throws at the first; `dataset check`
// collects them and goes on, the element in question is then left out.
using ProblemHandler = std::function<void(const Finding&)>;

// The dataset in a parsed COCO file. `image_folder` empty: DefaultImageFolder. What COCO leaves open is
// filled in: area (w * h), iscrowd (0), and an image's size from its file. `segmentations`, when given,
// receives for each annotation of the dataset where in the file its segmentation begins, 0 where it has none.
Dataset AssembleCoco(const RawCoco& raw, const std::filesystem::path& image_folder,
                     const ProblemHandler& on_problem, std::vector<std::size_t>* segmentations = nullptr);

}  // namespace yoake::datasets
