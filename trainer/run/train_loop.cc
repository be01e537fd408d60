#include "trainer/run/train_loop.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/error.h"
#include "metrics/coco/coco_eval.h"
#include "trainer/blas.h"
#include "trainer/data/batch_stream.h"
#include "trainer/data/image_order.h"
#include "trainer/device.h"
#include "trainer/losses/balance.h"
#include "trainer/losses/yolox_loss.h"
#include "trainer/models/yolox.h"
#include "trainer/optim/ema.h"
#include "trainer/optim/freeze.h"
#include "trainer/optim/optimizer.h"
#include "trainer/optim/schedule.h"
#include "trainer/predict/detector.h"
#include "trainer/run/memory_limit.h"
#include "trainer/run/progress.h"
#include "trainer/run/results_csv.h"
#include "trainer/run/run_folder.h"
#include "trainer/run/run_report.h"
#include "trainer/run/shared_step.h"
#include "trainer/run/trial_metrics.h"
#include "trainer/tensors.h"
#include "trainer/version.h"
#include "trainer/weights/checkpoint.h"
#include "trainer/weights/pretrained.h"
#include "trainer/weights/trained_model.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

// Over the passes of a step.
struct StepSums {
  double total = 0, bbox = 0, obj = 0, cls = 0, l1 = 0;  // Loss terms.
  double positives = 0;
  double stop = 0;  // Above 0: a stop was asked for.
};

std::optional<double>& ShareOf(EpochRow* row, LossRole role) {
  switch (role) {
    case LossRole::kCls:
      return row->cls_share;
    case LossRole::kObj:
      return row->obj_share;
    case LossRole::kBbox:
      return row->box_share;
    case LossRole::kL1:
      return row->l1_share;
  }
  throw Error(ErrorKind::kInternal, "loss role out of range");
}

class Training {
 public:
  Training(const TrainConfig& config, const RunData& data, const TrainOptions& options, c10::Device device);

  void Resume();
  TrialFinished Run();

 private:
  bool LastEpochs() const { return progress_.epoch >= config_.epochs - NoAugEpochs(config_); }
  bool EndsEarly() const;
  bool StopAsked() const { return options_.stop && options_.stop(); }
  int Passes() const { return config_.accumulate / group_.size(); }  // Of a step, in this process.
  std::int64_t StepNumber() const { return progress_.epoch * steps_ + progress_.step; }
  double Seconds() const { return progress_.seconds + SteadySeconds() - begin_s_; }
  DetectOptions Detection() const;

  void LoadInit();
  void RunEpoch();
  bool Step(const Batch& batch);
  void LearnFrom(const Batch& batch, std::size_t first, bool look, StepSums* sums);
  void Join(const Batch& batch, StepSums* sums);
  [[noreturn]] void Diverged(const Batch& batch, double loss);
  [[noreturn]] void Interrupted();
  void FinishEpoch(std::int64_t steps_trained, double train_seconds, double waited_s);
  Metrics Evaluate(EpochRow* row);
  void KeepBest(const Metrics& all);
  void SaveLast();
  void SaveLastIfPossible();
  json Meta() const;
  TrialFinished ScoreTests();
  void WriteResult(const TrialFinished& finished) const;

  const TrainConfig& config_;
  const TrainConfig& asked_;  // Before anything was given up for memory.
  const RunData& data_;
  const TrainOptions& options_;
  const RunFolder folder_;
  const c10::Device device_;
  ProcessGroup group_;
  const std::int64_t steps_;  // An epoch.
  const Schedule schedule_;
  Yolox model_;
  Yolox average_;
  Optimizer optimizer_;
  std::optional<Ema> ema_;  // Made once the first weights stand.
  YoloxLoss loss_;
  ImageCache cache_;
  Progress progress_;
  bool changing_weights_ = false;  // They are not those of progress_ while so.
  RunReport report_;
  const double begin_s_ = SteadySeconds();
};

Yolox MakeYolox(const TrainConfig& config, const RunData& data, c10::Device device) {
  Yolox model = MakeYolox(config.model, static_cast<int>(data.train.categories.size()), config.seed);
  model->to(device);
  FreezeParameters(*model, config.freeze);
  return model;
}

LossContext ContextOf(const TrainConfig& config, const RunData& data) {
  LossContext context{.categories = {}, .input_size = config.input_size};
  for (const datasets::Category& category : data.categories) context.categories.push_back(category.name);
  return context;
}

Training::Training(const TrainConfig& config, const RunData& data, const TrainOptions& options,
                   c10::Device device)
    : config_(config),
      asked_(options.given_up ? options.given_up->asked : config),
      data_(data),
      options_(options),
      folder_{options.folder},
      device_(device),
      group_(options.rank, config.nproc_per_node, folder_.rendezvous()),
      steps_(StepsPerEpoch(data.train.images.size(), StepImages(config))),
      schedule_(config, steps_),
      model_(MakeYolox(config, data, device)),
      average_(MakeYolox(config, data, device)),
      optimizer_(*model_, config.optimizer),
      loss_(config.loss, config.assigner, ContextOf(config, data)),
      cache_(config.input_size, config.cache_gb),
      report_(config, data, folder_, device, steps_) {
  for (at::Tensor& parameter : average_->parameters()) parameter.set_requires_grad(false);
  if (!config_.init.empty()) LoadInit();
  ema_.emplace(*model_, *average_, config_.ema, schedule_.total_steps());
}

void Training::LoadInit() {
  const PretrainedReport report = LoadPretrained(config_.init, data_.train.categories, *model_);
  spdlog::info("{}", report.summary);
  for (const std::string& warning : report.warnings) spdlog::warn("init: {}", warning);
}

void Training::Resume() {
  if (!std::filesystem::exists(folder_.last())) return;
  const std::string where = folder_.last().string();
  const Checkpoint checkpoint = LoadCheckpoint(folder_.last());
  if (!checkpoint.meta.is_object() || !checkpoint.meta.contains("progress") ||
      !checkpoint.groups.contains("raw") || !checkpoint.groups.contains("momentum")) {
    throw Error(ErrorKind::kData, "holds weights only; give it as `init`, or resume from a last.pt of yoake",
                where);
  }
  json saved = checkpoint.meta.at("config");
  saved.update(checkpoint.meta.value("asked", json::object()));
  RequireSameRun(saved, asked_, where);
  const LoadReport raw = LoadState(*model_, checkpoint.groups.at("raw"));
  const LoadReport average = LoadState(*average_, checkpoint.model);
  if (!raw.complete() || !average.complete()) {
    throw Error(ErrorKind::kData, "does not fit the model: " + raw.Text() + average.Text(), where);
  }
  optimizer_.LoadState(checkpoint.groups.at("momentum"));
  if (const auto memory = checkpoint.groups.find("loss"); memory != checkpoint.groups.end()) {
    loss_.LoadState({memory->second.begin(), memory->second.end()});
  }
  progress_ = ProgressFromJson(checkpoint.meta.at("progress"));
  spdlog::info("resumed after epoch {}, step {}", progress_.epoch, progress_.step);
}

TrialFinished Training::Run() {
  const double preload_begin_s = SteadySeconds();
  std::vector<datasets::Image> images;
  for (const TrainingImage& image : data_.train.images) images.push_back(image.image);
  if (group_.leads()) {
    images.insert(images.end(), data_.val.truth.images.begin(), data_.val.truth.images.end());
  }
  cache_.Preload(images, Workers(config_));
  spdlog::info("{} images decoded in {:.1f} s, {:.0f} MB kept", images.size(),
               SteadySeconds() - preload_begin_s, static_cast<double>(cache_.bytes()) / 1e6);
  if (group_.leads()) report_.Begin(progress_);
  try {
    while (group_.Follow(progress_.epoch < config_.epochs && !EndsEarly())) RunEpoch();
    return group_.leads() ? ScoreTests() : TrialFinished{};
  } catch (const RunEnded& ended) {
    if (ended.failure.reason != FailureReason::kInterrupted) report_.Failed();
    throw;
  } catch (...) {
    if (MemoryThatRanOut(std::current_exception())) {
      SaveLastIfPossible();
    } else {
      report_.Failed();
    }
    throw;
  }
}

bool Training::EndsEarly() const {
  const int waited = progress_.epoch - progress_.improved_epoch;
  const bool just_evaluated = progress_.epoch > 0 && progress_.epoch % config_.evaluation.interval == 0;
  if (config_.patience > 0 && just_evaluated && waited >= config_.patience) {
    spdlog::info("no better {} for {} epochs: the run ends here (patience {})", config_.evaluation.metric,
                 waited, config_.patience);
    return true;
  }
  if (!config_.budget_minutes || progress_.epoch == 0) return false;
  const double with_next = Seconds() * (progress_.epoch + 1) / progress_.epoch;
  if (with_next <= *config_.budget_minutes * 60) return false;
  spdlog::info("another epoch would end after {:.1f} minutes: the run ends here (budget_minutes {:g})",
               with_next / 60, *config_.budget_minutes);
  return true;
}

void Training::RunEpoch() {
  const double epoch_begin_s = SteadySeconds();
  const BatchOptions options{.input_size = config_.input_size,
                             .batch = StepImages(config_),
                             .part = group_.rank(),
                             .parts = group_.size(),
                             .seed = config_.seed,
                             .threads = Workers(config_),
                             .augment = config_.augment,
                             .last_epochs = LastEpochs()};
  double waited_s = 0;
  const std::int64_t first_step = progress_.step;
  {
    BatchStream batches(data_.train, &cache_, options, progress_.epoch, progress_.step);
    model_->train();
    FreezeStatistics(*model_, config_.freeze);
    while (const auto batch = batches.Next()) {
      if (!Step(*batch)) Interrupted();
    }
    waited_s = batches.waited_s();
  }
  FinishEpoch(progress_.step - first_step, SteadySeconds() - epoch_begin_s, waited_s);
}

// Forward and backward over `batch` images of the step from the `first` on. What is summed up, gradients too,
// are the terms times the positives they were divided by, where the step has several such passes: Step()
// divides by the positives of all.
void Training::LearnFrom(const Batch& batch, std::size_t first, bool look, StepSums* sums) {
  const auto count = static_cast<std::size_t>(config_.batch);
  const std::size_t image_bytes = batch.pixels.size() / batch.boxes.size();
  const std::span<const std::uint8_t> pixels(batch.pixels.data() + first * image_bytes, count * image_bytes);
  std::vector<Targets> targets;
  for (std::size_t i = first; i < first + count; ++i) targets.push_back(TargetTensor(batch.boxes[i]));
  const auto features = model_->Features(ImageTensor(pixels, count, batch.size, device_));
  const LossTerms terms = loss_(model_->Head(features), targets, LastEpochs());
  const double total = terms.total.item<double>();
  if (!std::isfinite(total)) {
    sums->total = total;
    return;
  }
  if (look && features.front().requires_grad()) {  // Nothing pulls at frozen ones.
    for (const auto& [role, share] : GradientShares(terms.parts, features)) progress_.shares[role] += share;
    ++progress_.looks;
  }
  const double weight =
      config_.accumulate == 1 ? 1 : static_cast<double>(std::max<std::int64_t>(terms.num_pos, 1));
  (terms.total * weight).backward();
  sums->total += total * weight;
  sums->bbox += terms.bbox * weight;
  sums->obj += terms.obj * weight;
  sums->cls += terms.cls * weight;
  sums->l1 += terms.l1 * weight;
  sums->positives += static_cast<double>(terms.num_pos);
}

// Over all processes; also where they find out together that the step must not be taken.
void Training::Join(const Batch& batch, StepSums* sums) {
  static_assert(sizeof *sums == 7 * sizeof(double));
  at::Tensor row = at::from_blob(sums, {7}, at::kDouble);
  group_.Sum(&row);
  if (!std::isfinite(sums->total)) Diverged(batch, sums->total);
  if (group_.size() > 1 && !loss_.State().empty()) {
    throw Error(ErrorKind::kConfig, "a loss that remembers earlier batches cannot be shared by processes",
                "nproc_per_node");
  }
  SumGradients(*model_, &group_);
}

// False: a stop was asked for.
bool Training::Step(const Batch& batch) {
  const std::int64_t number = StepNumber();
  loss_.SetEpoch(static_cast<double>(number) / static_cast<double>(steps_));
  const bool look = config_.loss.balance_steps > 0 && number % config_.loss.balance_steps == 0;
  optimizer_.ZeroGrad();
  StepSums sums{.stop = StopAsked() ? 1. : 0.};
  SharedStatistics statistics(*model_, &group_);
  for (int pass = 0; pass < Passes() && std::isfinite(sums.total); ++pass) {
    LearnFrom(batch, static_cast<std::size_t>(pass * config_.batch), look && pass == 0, &sums);
  }
  Join(batch, &sums);
  statistics.Join(Passes(), kBatchNormMomentum);
  double share = 1;
  if (config_.accumulate > 1) {
    share /= std::max(sums.positives, 1.);
    optimizer_.ScaleGradients(share);
  }
  changing_weights_ = true;
  optimizer_.Step(schedule_.LearningRate(number), number + 1);
  ema_->Update(number + 1);
  changing_weights_ = false;
  progress_.loss += sums.total * share;
  progress_.bbox += sums.bbox * share;
  progress_.obj += sums.obj * share;
  progress_.cls += sums.cls * share;
  progress_.l1 += sums.l1 * share;
  ++progress_.step;
  if (group_.leads()) report_.Step(progress_, schedule_.LearningRate(number));
  return sums.stop == 0;
}

void Training::Diverged(const Batch& batch, double loss) {
  std::string names;
  for (const int image : batch.images) {
    names +=
        (names.empty() ? "" : ", ") + data_.train.images[static_cast<std::size_t>(image)].image.file_name;
  }
  throw RunEnded{
      {FailureReason::kDiverged,
       fmt::format("the loss is {} at epoch {}, step {} of {} (lr {:.3g}; images {}); a smaller optimizer.lr "
                   "or a longer warm-up usually helps",
                   loss, progress_.epoch + 1, progress_.step + 1, steps_,
                   schedule_.LearningRate(StepNumber()), names)}};
}

void Training::Interrupted() {
  if (group_.leads()) SaveLast();
  throw RunEnded{
      {FailureReason::kInterrupted,
       fmt::format("stopped in epoch {} after step {} of {}; --resume goes on from weights/last.pt",
                   progress_.epoch + 1, progress_.step, steps_)}};
}

DetectOptions Training::Detection() const {
  return {.input_size = config_.input_size,
          .batch = config_.batch,
          .thresholds = config_.evaluation,
          .device = device_};
}

Metrics Training::Evaluate(EpochRow* row) {
  const auto stop = [this] {
    report_.Doing(progress_, "evaluating");
    return StopAsked();
  };
  const auto detections =
      DetectAll(Evaluating(average_), data_.val.truth, data_.val.categories, &cache_, Detection(), stop);
  if (!detections) Interrupted();
  report_.Evaluated(progress_, *detections, &cache_);
  const metrics::EvalResult result = metrics::EvaluateCoco(data_.val.truth, *detections);
  Metrics all = MetricsOf(result);
  row->precision = all["precision"];
  row->recall = all["recall"];
  row->map50 = result.stats.AP50;
  row->map50_95 = result.stats.AP;
  return all;
}

void Training::FinishEpoch(std::int64_t steps_trained, double train_seconds, double waited_s) {
  const auto steps = static_cast<double>(steps_);
  const int epoch = progress_.epoch + 1;
  EpochRow row{.epoch = epoch,
               .box_loss = progress_.bbox / steps,
               .obj_loss = progress_.obj / steps,
               .cls_loss = progress_.cls / steps,
               .l1_loss = progress_.l1 / steps,
               .lr = schedule_.LearningRate(StepNumber() - 1)};
  const bool evaluate =
      group_.leads() && (epoch % config_.evaluation.interval == 0 || epoch == config_.epochs);
  Metrics all = evaluate ? Evaluate(&row) : Metrics{};
  all["loss"] = progress_.loss / steps;
  all["loss_bbox"] = row.box_loss;
  all["loss_obj"] = row.obj_loss;
  all["loss_cls"] = row.cls_loss;
  all["loss_l1"] = row.l1_loss;
  all["lr"] = row.lr;
  for (const auto& [role, sum] : progress_.shares) {
    const double share = sum / progress_.looks;
    ShareOf(&row, role) = share;
    all[std::string("share_") + NameOf(role)] = share;
  }
  row.images_per_s = static_cast<double>(steps_trained * StepImages(config_)) / train_seconds;
  all["img_per_s"] = row.images_per_s;
  row.seconds = Seconds();

  ++progress_.epoch;
  progress_.step = 0;
  progress_.loss = progress_.bbox = progress_.obj = progress_.cls = progress_.l1 = 0;
  progress_.shares.clear();
  progress_.looks = 0;
  if (!group_.leads()) return;
  if (evaluate) KeepBest(all);
  report_.Epoch(row, &all);
  SaveLast();
  folder_.Append(TrialEpoch{epoch, all, SteadySeconds() - begin_s_});
  if (waited_s > 0.05 * train_seconds && train_seconds > 1) {
    spdlog::warn("{:.0f} % of the epoch was spent waiting for images; raise cache_gb or workers",
                 100 * waited_s / train_seconds);
  }
}

void Training::KeepBest(const Metrics& all) {
  const auto value = all.at(config_.evaluation.metric);
  // A detector that finds nothing yet has not begun to count.
  if (value.value_or(0) > progress_.best.value_or(0) || progress_.best.value_or(0) == 0) {
    progress_.improved_epoch = progress_.epoch;
  }
  const bool better = progress_.best_epoch == 0 || !progress_.best || (value && *value >= *progress_.best);
  if (!better) return;
  progress_.best = value;
  progress_.best_epoch = progress_.epoch;
  progress_.best_metrics = all;
  Checkpoint checkpoint{.model = StateOf(*average_), .groups = {}, .meta = Meta()};
  checkpoint.meta["metrics"] = MetricsToJson(all);
  SaveCheckpoint(folder_.best(), checkpoint);
  folder_.Append(TrialCheckpoint{progress_.epoch, "weights/best.pt"});
}

json Training::Meta() const {
  return {{"program", ProgramText()},
          {"config", ToJson(config_)},
          {"asked", MemoryKeys(asked_)},
          {"categories", CategoriesToJson(data_.categories)},
          {"epoch", progress_.epoch}};
}

void Training::SaveLast() {
  Checkpoint checkpoint{.model = StateOf(*average_),
                        .groups = {{"raw", StateOf(*model_)}, {"momentum", optimizer_.State()}},
                        .meta = Meta()};
  if (const auto memory = loss_.State(); !memory.empty()) {
    checkpoint.groups["loss"] = {memory.begin(), memory.end()};
  }
  Progress progress = progress_;
  progress.seconds = Seconds();
  checkpoint.meta["progress"] = ToJson(progress);
  SaveCheckpoint(folder_.last(), checkpoint);
}

// Memory has run out: the next attempt goes on at this step if there is memory to write it. The step that
// failed has changed no weight, at most BatchNorm's running statistics.
void Training::SaveLastIfPossible() {
  if (!group_.leads() || changing_weights_ || StepNumber() == 0) return;
  try {
    SaveLast();
  } catch (const std::exception& error) {
    spdlog::warn("the last steps are lost: {}", error.what());
  }
}

TrialFinished Training::ScoreTests() {
  TrialFinished finished;
  finished.metrics = progress_.best_metrics;
  finished.metrics["best_epoch"] = progress_.best_epoch;
  changing_weights_ = true;
  if (!data_.tests.empty()) {
    const LoadReport report = LoadState(*average_, LoadCheckpoint(folder_.best()).model);
    if (!report.complete()) throw Error(ErrorKind::kData, report.Text(), folder_.best().string());
  }
  for (const auto& [name, set] : data_.tests) {
    const auto detections =
        DetectAll(Evaluating(average_), set.truth, set.categories, &cache_, Detection(), options_.stop);
    if (!detections) {
      throw RunEnded{{FailureReason::kInterrupted,
                      "stopped while scoring tests." + name + "; --resume scores it again"}};
    }
    const std::string file = RunFolder::Detections(name);
    metrics::WriteDetections(folder_.root / file, *detections);
    finished.detections[name] = file;
    spdlog::info("tests.{}: {} detections in {}", name, detections->size(), file);
  }
  finished.metrics["peak_rss_mb"] = report_.peak_rss_mb();
  if (const auto gpu = report_.peak_gpu_mb()) finished.metrics["peak_gpu_mb"] = gpu;
  WriteResult(finished);
  report_.Finished();
  return finished;
}

void Training::WriteResult(const TrialFinished& finished) const {
  const json metrics = MetricsToJson(finished.metrics);
  const json given_up = options_.given_up ? json(options_.given_up->steps) : json::array();
  const json result = {{"best", "weights/best.pt"},
                       {"last", "weights/last.pt"},
                       {"best_epoch", progress_.best_epoch},
                       {"metrics", metrics},
                       {"detections", finished.detections},
                       {"minutes", Seconds() / 60},
                       {"epochs", progress_.epoch},
                       {"peak_rss_mb", metrics.at("peak_rss_mb")},
                       {"peak_gpu_mb", metrics.value("peak_gpu_mb", json())},
                       {"given_up_for_memory", given_up},
                       {"program", ProgramText()},
                       {"config", ToJson(config_)}};
  WriteFileAtomically(folder_.result(), result.dump(1) + "\n");
}

}  // namespace

TrainOutcome Train(const TrainConfig& config, const RunData& data, const TrainOptions& options) {
  const RunFolder folder{options.folder};
  const bool leads = options.rank == 0;
  SetThreads(config.threads);
  std::vector<std::string> warnings = EffectiveWeights(
      config.loss, static_cast<int>(data.train.categories.size()), config.input_size, config.batch);
  const c10::Device device = ResolveDevice(DeviceOfRank(config, options.rank), &warnings);
  warnings.insert(warnings.end(), data.warnings.begin(), data.warnings.end());
  for (const std::string& warning : warnings) spdlog::warn("{}", warning);
  for (const std::string& line : RepeatText(data.train, config.oversample_thr)) spdlog::info("{}", line);

  TrainOutcome outcome;
  try {
    if (!ReserveBlasBuffers(config.threads)) {
      throw RunEnded{{FailureReason::kOutOfMemory,
                      "memory: " + FindOwnLimit()->Text() + " before anything begins; give the run more"}};
    }
    Training training(config, data, options, device);
    if (options.resume) training.Resume();
    if (leads) {
      const TrainConfig& asked = options.given_up ? options.given_up->asked : config;
      WriteFileAtomically(folder.config(), ToJson(asked).dump(1) + "\n");
      folder.Append(TrialStarted{ProgramText(), device.str(), config.epochs});
    }
    outcome = training.Run();
  } catch (const PeerLost& lost) {
    outcome = lost;
  } catch (...) {
    std::visit([&](auto&& failure) { outcome = failure; }, FailureOf(std::current_exception()));
  }
  if (const auto* failed = std::get_if<TrialFailed>(&outcome)) {
    const bool together =
        failed->reason == FailureReason::kDiverged || failed->reason == FailureReason::kInterrupted;
    if (!leads && together) return TrialFinished{};
    folder.Append(*failed);
  }
  if (const auto* finished = std::get_if<TrialFinished>(&outcome); finished != nullptr && leads) {
    folder.Append(*finished);
  }
  return outcome;
}

}  // namespace yoake::trainer
