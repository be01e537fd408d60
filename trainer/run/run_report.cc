#include "trainer/run/run_report.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/time_left.h"
#include "trainer/run/memory.h"
#include "trainer/run/results_picture.h"

namespace yoake::trainer {
namespace {

std::string Number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "nan";
}

}  // namespace

RunReport::RunReport(const TrainConfig& config, const RunData& data, const RunFolder& folder,
                     c10::Device device, std::int64_t steps_per_epoch)
    : config_(config), data_(data), folder_(folder), device_(device), steps_(steps_per_epoch) {}

void RunReport::Begin(const Progress& progress) {
  if (progress.epoch > 0) rows_ = ReadResultsCsv(folder_.results());
  std::erase_if(rows_, [&](const EpochRow& row) { return row.epoch > progress.epoch; });
  if (config_.tensorboard.enabled) {
    board_ = std::make_unique<RunBoard>(config_, data_, folder_, steps_, progress);
  }
  epoch_steps_before_ = progress.step;
  steps_before_ = progress.epoch * steps_ + progress.step;
  begin_ = epoch_begin_ = Clock::now();
  WritePicture(config_.epochs);
}

StepView RunReport::View(const Progress& progress) const {
  const auto now = Clock::now();
  const auto seconds_since = [&](Clock::time_point then) {
    return std::chrono::duration<double>(now - then).count();
  };
  const auto means_over = static_cast<double>(std::max<std::int64_t>(1, progress.step));
  StepView view{.epoch = progress.epoch + 1,
                .epochs = config_.epochs,
                .step = progress.step,
                .steps = steps_,
                .box = progress.bbox / means_over,
                .obj = progress.obj / means_over,
                .cls = progress.cls / means_over,
                .l1 = progress.l1 / means_over,
                .rss_mb = PeakRssMb(),
                .gpu_mb = PeakGpuMb(device_)};
  const std::int64_t epoch_steps = progress.step - epoch_steps_before_;
  view.images_per_s = static_cast<double>(epoch_steps * StepImages(config_)) / seconds_since(epoch_begin_);
  const std::int64_t done = progress.epoch * steps_ + progress.step;
  if (done > steps_before_) {
    view.seconds_left = seconds_since(begin_) / static_cast<double>(done - steps_before_) *
                        static_cast<double>(config_.epochs * steps_ - done);
  }
  return view;
}

void RunReport::Step(const Progress& progress, double lr) {
  if (board_) board_->Step(progress, lr);
  if (bar_.Due()) bar_.Show(View(progress));
}

void RunReport::Doing(const Progress& progress, const std::string& activity) {
  if (!bar_.Due()) return;
  StepView view = View(progress);
  view.activity = activity;
  view.images_per_s = 0;  // It would count the activity's time.
  bar_.Show(view);
}

void RunReport::Evaluated(const Progress& progress, const std::vector<metrics::Detection>& detections,
                          ImageCache* cache) {
  if (board_) board_->Pictures(progress, detections, cache);
}

void RunReport::Epoch(EpochRow row, Metrics* metrics) {
  row.peak_rss_mb = (*metrics)["peak_rss_mb"] = PeakRssMb();
  row.peak_gpu_mb = PeakGpuMb(device_);
  if (row.peak_gpu_mb) (*metrics)["peak_gpu_mb"] = row.peak_gpu_mb;
  rows_.push_back(row);
  WriteResultsCsv(folder_.results(), rows_);
  WritePicture(config_.epochs);
  if (board_) board_->Epoch(row, *metrics);
  spdlog::info(
      "epoch {}/{}  loss {:.3f} (box {:.3f} obj {:.3f} cls {:.3f} l1 {:.3f})  mAP {} AP50 {}  lr {:.2g}  "
      "{:.1f} img/s  {:.0f} MB  {} left",
      row.epoch, config_.epochs, row.box_loss + row.obj_loss + row.cls_loss + row.l1_loss, row.box_loss,
      row.obj_loss, row.cls_loss, row.l1_loss, Number(row.map50_95), Number(row.map50), row.lr,
      row.images_per_s.value_or(0), *row.peak_rss_mb,
      FormatTimeLeft(row.seconds / row.epoch * (config_.epochs - row.epoch)));
  epoch_begin_ = Clock::now();
  epoch_steps_before_ = 0;
}

void RunReport::WritePicture(int epochs) const {
  const std::string title = fmt::format("{}: {}-{}, {} pixels, batch {}", data_.name, config_.model.type,
                                        config_.model.size, config_.input_size, config_.batch);
  WriteFileAtomically(folder_.results_picture(), ResultsSvg(title, rows_, epochs));
}

void RunReport::Finished() {
  if (!rows_.empty()) WritePicture(rows_.back().epoch);  // Patience or the budget may have ended it early.
  if (board_) board_->End(rows_.empty() ? 0 : rows_.back().epoch, true);
}

void RunReport::Failed() {
  if (board_) board_->End(rows_.empty() ? 0 : rows_.back().epoch, false);
}

double RunReport::peak_rss_mb() const {
  double peak = PeakRssMb();
  for (const EpochRow& row : rows_) peak = std::max(peak, row.peak_rss_mb.value_or(0));
  return peak;
}

std::optional<double> RunReport::peak_gpu_mb() const {
  std::optional<double> peak = PeakGpuMb(device_);
  for (const EpochRow& row : rows_) peak = std::max(peak, row.peak_gpu_mb);
  return peak;
}

}  // namespace yoake::trainer
