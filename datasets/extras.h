#pragma once

#include "core/text_file.h"
#include "datasets/dataset.h"

namespace yoake::datasets {

// Fills the extras of a dataset that was read from this file: what stands of its images and annotations
// beyond the members that a Dataset holds (masks, scores of pseudo labels, the video of a frame), for
// programs that write files anew. Throws Error{kData} at a value that is no JSON.
void ReadExtras(const TextFile& file, Dataset* dataset);

}  // namespace yoake::datasets
