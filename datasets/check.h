#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "datasets/finding.h"

namespace yoake::datasets {

struct CheckOptions {
  // Where the images lie; empty: as the reader finds them (datasets/read.h). When it is given, missing images
  // are errors; when the default holds none of them, one warning says so and the labels alone are checked.
  std::filesystem::path image_folder;

  // Decode every image (about 1 ms each at 640x512): finds unreadable files, wrong sizes, equal images and
  // leakage of equal images under other names. Off: labels and the presence of files only.
  bool read_images = true;

  // Boxes of less than this many square pixels are reported as tiny: mostly slips of the mouse, and no
  // detector finds them.
  double tiny_area_px = 25;

  // A box may reach this far out of its image before it is an error; rounding makes up to one pixel. Less is
  // a warning.
  double outside_tolerance_px = 1;

  void Validate() const;  // Throws Error{kConfig}.
};

struct CheckReport {
  std::vector<Finding> findings;  // By file, then in the file's order.

  std::int64_t Count(Severity severity) const;
};

// Looks for defects in COCO files, also in those that the strict reader refuses: every element that is wrong
// is a finding, the rest is checked further. With several files, as splits of one dataset, also for images
// that stand in more than one of them (kLeakage). Throws Error{kIo} only when a file cannot be opened.
CheckReport CheckDatasets(const std::vector<std::filesystem::path>& files, const CheckOptions& options = {});

// {"errors", "warnings", "infos", "findings": [...]}, as promised for `yoake dataset check --json`.
nlohmann::json ToJson(const CheckReport& report);

// Lines for a reader: findings grouped by file and kind, at most `per_kind` of each spelt out, then the sum.
std::string ToText(const CheckReport& report, std::size_t per_kind = 5);

}  // namespace yoake::datasets
