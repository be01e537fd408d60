#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace yoake::trainer {

// One line of results.csv: ultralytics' column names, so that its plotting scripts read it.
struct EpochRow {
  int epoch = 0;       // From 1.
  double seconds = 0;  // Of training since the run began, evaluation included; goes on after a resume.
  double box_loss = 0, obj_loss = 0, cls_loss = 0, l1_loss = 0;      // Means over the epoch's steps.
  std::optional<double> precision{}, recall{}, map50{}, map50_95{};  // Empty: not evaluated or undefined.
  double lr = 0;                                                     // Of the epoch's last step.
  // Shares of the gradient at the shared features (losses/balance.h), means over the epoch's looks.
  std::optional<double> box_share{}, obj_share{}, cls_share{}, l1_share{};
  std::optional<double> images_per_s{};  // While training, evaluation not counted.
  // The most memory the process has held so far (memory.h); empty in files of older versions, or without GPU.
  std::optional<double> peak_rss_mb{}, peak_gpu_mb{};
};

// Replaces the file; shortest text that reads back to the same double.
void WriteResultsCsv(const std::filesystem::path& path, const std::vector<EpochRow>& rows);

// What WriteResultsCsv wrote, also by an older version; no rows when there is no file. Throws Error{kData}
// with the line.
std::vector<EpochRow> ReadResultsCsv(const std::filesystem::path& path);

}  // namespace yoake::trainer
