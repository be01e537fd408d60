#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "datasets/read.h"
#include "trainer/augment/augment_config.h"
#include "trainer/losses/loss_config.h"

namespace yoake::trainer {

// Every trainable choice as data. JSON keys are the field names; configs/README.md lists them with units and
// defaults, and a test compares that page with ToJson(TrainConfig{}).

struct ModelConfig {
  std::string type = "YOLOX";
  std::string size = "nano";      // nano, tiny, s: sets depth, width and depthwise unless given.
  std::optional<double> depth;    // Multiplier of the CSP stages' bottlenecks.
  std::optional<double> width;    // Multiplier of the channels.
  std::optional<bool> depthwise;  // Depthwise-separable 3x3 convolutions.
};

struct AssignerConfig {
  std::string type = "SimOTA";
  double center_radius = 1.5;  // In strides: candidates lie this near to the box's centre.
  int candidate_topk = 10;     // IoUs summed for the dynamic k.
  double iou_weight = 3.0;     // Weight of the IoU cost against the classification cost.
  int topk = 13;               // TaskAligned: anchors a target takes, ranked by score^alpha * iou^beta.
  double alpha = 1.0;
  double beta = 6.0;
};

struct OptimizerConfig {
  std::string type = "SGD";    // SGD (Nesterov), Adam, AdamW, Lion.
  double lr = 0.02;            // For the whole step (batch * accumulate), not per image.
  double momentum = 0.9;       // SGD's; beta1 of the others.
  double beta2 = 0.999;        // Of Adam and AdamW; Lion's authors use 0.99.
  double weight_decay = 5e-4;  // On convolution weights only, not on biases or BatchNorm.
  double clip_norm = 0;        // Largest norm of all gradients together; 0: not clipped.
  double layer_decay = 1;      // Each earlier stage learns at this share of the next one's rate.
};

struct ScheduleConfig {
  std::string type = "cosine";     // optim/schedule.h lists them.
  double warmup_epochs = 1;        // Quadratic from 0; at most half of the epochs.
  double min_lr_ratio = 0.05;      // Final learning rate as a share of lr, held over the last no_aug_epochs.
  double flat = 0.5;               // flat_cosine: share of the way at lr.
  std::vector<double> milestones;  // step: epochs at which the rate is multiplied by gamma.
  double gamma = 0.1;
  int lag_steps =
      0;  // By which the rate comes late; Megvii's code: 1, so that its first step learns nothing.
};

// The average of the weights over the steps: what is evaluated and saved to predict with.
struct EmaConfig {
  bool enabled = true;
  double decay = 0.9998;
  // Step t keeps decay * (1 - exp(-t / ramp_steps)) of the average. Absent: a fifth of the run's steps, at
  // most 2000 (Megvii's 2000 leaves the average equal to the raw weights in short runs).
  std::optional<double> ramp_steps{};
};

struct EvaluationConfig {
  int interval = 1;               // Epochs between evaluations on data.val; the last epoch always evaluates.
  double score_threshold = 0.01;  // Detections below are dropped.
  double nms_iou = 0.65;          // Per class.
  int max_detections = 300;       // Per image, after NMS.
  std::string metric = "mAP";     // Chooses weights/best.pt: a column of the table, also "person.mAP_50".
};

struct TensorBoardConfig {
  bool enabled = true;  // Write events.out.tfevents.* into the run's folder.
  int images = 4;       // Pictures of data.val with truth and detections at every evaluation; 0: none.
};

struct TrainConfig {
  ModelConfig model;
  int input_size = 416;  // Pixels, a multiple of 32; images are letterboxed to a square.
  int epochs = 60;
  int batch = 8;           // Images a forward pass.
  int accumulate = 1;      // Forward passes a step: it learns from batch * accumulate images.
  int nproc_per_node = 1;  // Processes that share the passes of a step; accumulate is a multiple of it.
  std::uint64_t seed = 0;
  // cpu, cuda:N; several by commas, for the processes in turn. YOAKE_DEVICE overrides. A missing GPU falls
  // back with a warning.
  std::string device = "cpu";
  int threads = 1;             // Of LibTorch.
  std::optional<int> workers;  // Threads that load images; absent: as many as `threads`.
  double cache_gb =
      2.0;  // Memory for decoded images, scaled to the input size; the rest is decoded each time.
  bool shrink_input = false;  // When memory runs out and all else is given up: smaller images may be tried.
  std::string init;           // Checkpoint to start from; keys that do not fit are named and left random.
  std::vector<std::string> freeze;  // Beginnings of parameter names that stay as they are, e.g. "backbone".
  int patience = 0;                 // Epochs without a better evaluation.metric that end the run; 0: never.
  std::optional<double> budget_minutes;  // No epoch begins that would end later than this.
  double oversample_thr = 0;  // Share of images; rarer categories' are drawn more often (image_order.h).
  LossesConfig loss;
  AssignerConfig assigner;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  EmaConfig ema;
  AugmentConfig augment;
  EvaluationConfig evaluation;
  TensorBoardConfig tensorboard;
  nlohmann::json data_train;  // As written under data.train and data.val (DatasetSpec's JSON).
  nlohmann::json data_val;
  std::map<std::string, nlohmann::json>
      tests;  // Test set name -> DatasetSpec's JSON; scored with the best weights.

  // Throws Error{kConfig} naming the field and its range.
  void Validate() const;
};

// Of the process of this rank (nproc_per_node).
std::string DeviceOfRank(const TrainConfig& config, int rank);

// Images a step learns from.
int StepImages(const TrainConfig& config);
// Threads that load images.
int Workers(const TrainConfig& config);

// The last epochs without the transforms that end early, and the warm-up, cut to half of the epochs in short
// runs.
int NoAugEpochs(const TrainConfig& config);
double WarmupEpochs(const TrainConfig& config);

// Strict: unknown keys and values are errors with a did-you-mean. Ends in Validate().
TrainConfig ParseTrainConfig(const JsonReader& reader);

// The resolved configuration: every key present; a loss has the keys of its type.
nlohmann::json ToJson(const TrainConfig& config);

}  // namespace yoake::trainer
