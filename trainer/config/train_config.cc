#include "trainer/config/train_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "core/error.h"
#include "metrics/coco/eval_result.h"
#include "trainer/config/require.h"

namespace yoake::trainer {
namespace {

using nlohmann::json;

template <typename Section>
void ParseSection(const JsonReader& parent, const std::string& key, Section* section,
                  void (*parse)(const JsonReader&, Section*)) {
  const auto reader = parent.Find(key);
  if (!reader) return;
  parse(*reader, section);
  reader->Finish();
}

void Parse(const JsonReader& reader, ModelConfig* model) {
  reader.Read("type", &model->type);
  reader.Read("size", &model->size);
  reader.Read("depth", &model->depth);
  reader.Read("width", &model->width);
  reader.Read("depthwise", &model->depthwise);
}

void Parse(const JsonReader& reader, LossesConfig* losses) {
  for (LossConfig* term : {&losses->cls, &losses->obj, &losses->bbox, &losses->l1}) {
    if (const auto child = reader.Find(NameOf(term->role))) *term = ParseLossConfig(*child, *term);
  }
  reader.Read("label_smoothing", &losses->label_smoothing);
  reader.Read("balance_steps", &losses->balance_steps);
}

void Parse(const JsonReader& reader, AssignerConfig* assigner) {
  reader.Read("type", &assigner->type);
  reader.Read("center_radius", &assigner->center_radius);
  reader.Read("candidate_topk", &assigner->candidate_topk);
  reader.Read("iou_weight", &assigner->iou_weight);
  reader.Read("topk", &assigner->topk);
  reader.Read("alpha", &assigner->alpha);
  reader.Read("beta", &assigner->beta);
}

void Parse(const JsonReader& reader, OptimizerConfig* optimizer) {
  reader.Read("type", &optimizer->type);
  reader.Read("lr", &optimizer->lr);
  reader.Read("momentum", &optimizer->momentum);
  reader.Read("weight_decay", &optimizer->weight_decay);
  reader.Read("beta2", &optimizer->beta2);
  reader.Read("clip_norm", &optimizer->clip_norm);
  reader.Read("layer_decay", &optimizer->layer_decay);
}

void Parse(const JsonReader& reader, ScheduleConfig* schedule) {
  reader.Read("type", &schedule->type);
  reader.Read("warmup_epochs", &schedule->warmup_epochs);
  reader.Read("min_lr_ratio", &schedule->min_lr_ratio);
  reader.Read("flat", &schedule->flat);
  reader.Read("milestones", &schedule->milestones);
  reader.Read("gamma", &schedule->gamma);
  reader.Read("lag_steps", &schedule->lag_steps);
}

void Parse(const JsonReader& reader, EmaConfig* ema) {
  reader.Read("enabled", &ema->enabled);
  reader.Read("decay", &ema->decay);
  reader.Read("ramp_steps", &ema->ramp_steps);
}

void Parse(const JsonReader& reader, EvaluationConfig* evaluation) {
  reader.Read("interval", &evaluation->interval);
  reader.Read("score_threshold", &evaluation->score_threshold);
  reader.Read("nms_iou", &evaluation->nms_iou);
  reader.Read("max_detections", &evaluation->max_detections);
  reader.Read("metric", &evaluation->metric);
}

void Parse(const JsonReader& reader, TensorBoardConfig* tensorboard) {
  reader.Read("enabled", &tensorboard->enabled);
  reader.Read("images", &tensorboard->images);
}

void ParseData(const JsonReader& reader, TrainConfig* config) {
  if (const auto data = reader.Find("data")) {
    if (const auto train = data->Find("train")) config->data_train = train->value();
    if (const auto val = data->Find("val")) config->data_val = val->value();
    data->Finish();
  }
  if (const auto tests = reader.Find("tests")) {
    for (const auto& [name, spec] : tests->AsMap()) config->tests[name] = spec.value();
  }
}

void ValidateModel(const ModelConfig& model) {
  RequireName("model.type", model.type, {"YOLOX"});
  RequireName("model.size", model.size, {"nano", "tiny", "s", "m", "l", "x"});
  if (model.depth) RequireIn("model.depth", *model.depth, 0.01, 4);
  if (model.width) RequireIn("model.width", *model.width, 0.03125, 4);
}

void ValidateEvaluation(const EvaluationConfig& evaluation) {
  RequireAtLeast("evaluation.interval", evaluation.interval, 1);
  RequireIn("evaluation.score_threshold", evaluation.score_threshold, 0, 1);
  RequireIn("evaluation.nms_iou", evaluation.nms_iou, 0, 1);
  RequireAtLeast("evaluation.max_detections", evaluation.max_detections, 1);
  // "person.mAP_50": the category is known only when the data is read.
  const std::string& metric = evaluation.metric;
  RequireName("evaluation.metric", metric.substr(metric.rfind('.') + 1), metrics::MetricNames());
}

void ValidateRun(const TrainConfig& config) {
  if (config.input_size < 32 || config.input_size > 4096 || config.input_size % 32 != 0) {
    FailField("input_size", "must be a multiple of 32 in [32, 4096], got " +
                                std::to_string(config.input_size) + "; try " +
                                std::to_string(std::clamp((config.input_size + 16) / 32 * 32, 32, 4096)));
  }
  RequireAtLeast("epochs", config.epochs, 1);
  RequireIn("batch", config.batch, 1, 4096);
  RequireIn("accumulate", config.accumulate, 1, 4096);
  RequireIn("nproc_per_node", config.nproc_per_node, 1, 1024);
  if (config.accumulate % config.nproc_per_node != 0) {
    FailField(
        "nproc_per_node",
        fmt::format("{} processes cannot share the {} passes of a step evenly; accumulate must be a multiple",
                    config.nproc_per_node, config.accumulate));
  }
  RequireIn("threads", config.threads, 1, 1024);
  if (config.workers) RequireIn("workers", *config.workers, 1, 1024);
  RequireAtLeast("cache_gb", config.cache_gb, 0);
  RequireAtLeast("patience", config.patience, 0);
  if (config.budget_minutes) RequirePositive("budget_minutes", *config.budget_minutes);
  RequireIn("oversample_thr", config.oversample_thr, 0, 1);
  RequireIn("loss.label_smoothing", config.loss.label_smoothing, 0, 0.5);
  RequireAtLeast("loss.balance_steps", config.loss.balance_steps, 0);
  static const std::regex device("(cpu(:[0-9]{1,4})?|cuda(:[0-9]{1,4})?)(,cuda:[0-9]{1,4})*");
  if (!std::regex_match(config.device, device)) {
    FailField("device", "expected cpu, cuda, cuda:N or several by commas, got '" + config.device + "'");
  }
}

void ValidateTestNames(const TrainConfig& config) {
  static const std::regex name("[A-Za-z0-9_][A-Za-z0-9_.-]*");
  for (const auto& [test, unused] : config.tests) {
    if (std::regex_match(test, name)) continue;
    FailField("tests",
              "'" + test + "' names a file, detections/<name>.json; use letters, digits, '_', '-', '.'");
  }
}

json ToJson(const ModelConfig& model) {
  return {{"type", model.type},
          {"size", model.size},
          {"depth", model.depth ? json(*model.depth) : json()},
          {"width", model.width ? json(*model.width) : json()},
          {"depthwise", model.depthwise ? json(*model.depthwise) : json()}};
}

json ToJson(const EvaluationConfig& evaluation) {
  return {{"interval", evaluation.interval},
          {"score_threshold", evaluation.score_threshold},
          {"nms_iou", evaluation.nms_iou},
          {"max_detections", evaluation.max_detections},
          {"metric", evaluation.metric}};
}

}  // namespace

void TrainConfig::Validate() const {
  ValidateModel(model);
  ValidateRun(*this);
  RequireName("assigner.type", assigner.type, {"SimOTA", "TaskAligned"});
  RequirePositive("assigner.center_radius", assigner.center_radius);
  RequireAtLeast("assigner.candidate_topk", assigner.candidate_topk, 1);
  RequireAtLeast("assigner.iou_weight", assigner.iou_weight, 0);
  RequireAtLeast("assigner.topk", assigner.topk, 1);
  RequireIn("assigner.alpha", assigner.alpha, 0, 100);
  RequireIn("assigner.beta", assigner.beta, 0, 100);
  RequireName("optimizer.type", optimizer.type, {"SGD", "Adam", "AdamW", "Lion"});
  RequirePositive("optimizer.lr", optimizer.lr);
  RequireIn("optimizer.momentum", optimizer.momentum, 0, 0.9999);
  RequireIn("optimizer.beta2", optimizer.beta2, 0, 0.999999);
  RequireIn("optimizer.weight_decay", optimizer.weight_decay, 0, 1);
  RequireAtLeast("optimizer.clip_norm", optimizer.clip_norm, 0);
  RequireIn("optimizer.layer_decay", optimizer.layer_decay, 0, 1);
  RequireName("schedule.type", schedule.type,
              {"cosine", "constant", "linear", "flat_cosine", "step", "one_cycle"});
  RequireIn("schedule.flat", schedule.flat, 0, 0.99);
  RequireIn("schedule.gamma", schedule.gamma, 0, 1);
  RequireIn("schedule.lag_steps", schedule.lag_steps, 0, 1e6);
  RequireAtLeast("schedule.warmup_epochs", schedule.warmup_epochs, 0);
  RequireIn("schedule.min_lr_ratio", schedule.min_lr_ratio, 0, 1);
  RequireIn("ema.decay", ema.decay, 0, 1);
  if (ema.ramp_steps) RequirePositive("ema.ramp_steps", *ema.ramp_steps);
  trainer::Validate(augment);
  ValidateEvaluation(evaluation);
  RequireIn("tensorboard.images", tensorboard.images, 0, 1000);
  ValidateTestNames(*this);
}

std::string DeviceOfRank(const TrainConfig& config, int rank) {
  std::vector<std::string> devices;
  std::istringstream list(config.device);
  for (std::string device; std::getline(list, device, ',');) devices.push_back(device);
  return devices[static_cast<std::size_t>(rank) % devices.size()];
}

int StepImages(const TrainConfig& config) { return config.batch * config.accumulate; }

int Workers(const TrainConfig& config) { return config.workers.value_or(config.threads); }

int NoAugEpochs(const TrainConfig& config) {
  return std::min(config.augment.no_aug_epochs, config.epochs / 2);
}

double WarmupEpochs(const TrainConfig& config) {
  return std::min(config.schedule.warmup_epochs, config.epochs / 2.0);
}

TrainConfig ParseTrainConfig(const JsonReader& reader) {
  TrainConfig config;
  ParseSection(reader, "model", &config.model, &Parse);
  reader.Read("input_size", &config.input_size);
  reader.Read("epochs", &config.epochs);
  reader.Read("batch", &config.batch);
  reader.Read("accumulate", &config.accumulate);
  reader.Read("nproc_per_node", &config.nproc_per_node);
  reader.Read("seed", &config.seed);
  reader.Read("device", &config.device);
  reader.Read("threads", &config.threads);
  reader.Read("workers", &config.workers);
  reader.Read("cache_gb", &config.cache_gb);
  reader.Read("shrink_input", &config.shrink_input);
  reader.Read("init", &config.init);
  reader.Read("freeze", &config.freeze);
  reader.Read("patience", &config.patience);
  reader.Read("budget_minutes", &config.budget_minutes);
  reader.Read("oversample_thr", &config.oversample_thr);
  ParseSection(reader, "loss", &config.loss, &Parse);
  ParseSection(reader, "assigner", &config.assigner, &Parse);
  ParseSection(reader, "optimizer", &config.optimizer, &Parse);
  ParseSection(reader, "schedule", &config.schedule, &Parse);
  ParseSection(reader, "ema", &config.ema, &Parse);
  if (const auto augment = reader.Find("augment")) config.augment = ParseAugment(*augment);
  ParseSection(reader, "evaluation", &config.evaluation, &Parse);
  ParseSection(reader, "tensorboard", &config.tensorboard, &Parse);
  ParseData(reader, &config);
  reader.Finish();
  try {
    config.Validate();
  } catch (const Error& error) {
    throw Error(error.kind(), error.message(), reader.source() + ": " + reader.path() + "." + error.where());
  }
  return config;
}

json ToJson(const TrainConfig& config) {
  return {{"model", ToJson(config.model)},
          {"input_size", config.input_size},
          {"epochs", config.epochs},
          {"batch", config.batch},
          {"accumulate", config.accumulate},
          {"nproc_per_node", config.nproc_per_node},
          {"seed", config.seed},
          {"device", config.device},
          {"threads", config.threads},
          {"workers", config.workers ? json(*config.workers) : json()},
          {"cache_gb", config.cache_gb},
          {"shrink_input", config.shrink_input},
          {"init", config.init},
          {"freeze", config.freeze},
          {"patience", config.patience},
          {"budget_minutes", config.budget_minutes ? json(*config.budget_minutes) : json()},
          {"oversample_thr", config.oversample_thr},
          {"loss",
           {{"cls", ToJson(config.loss.cls)},
            {"obj", ToJson(config.loss.obj)},
            {"bbox", ToJson(config.loss.bbox)},
            {"l1", ToJson(config.loss.l1)},
            {"label_smoothing", config.loss.label_smoothing},
            {"balance_steps", config.loss.balance_steps}}},
          {"assigner",
           {{"type", config.assigner.type},
            {"center_radius", config.assigner.center_radius},
            {"candidate_topk", config.assigner.candidate_topk},
            {"iou_weight", config.assigner.iou_weight},
            {"topk", config.assigner.topk},
            {"alpha", config.assigner.alpha},
            {"beta", config.assigner.beta}}},
          {"optimizer",
           {{"type", config.optimizer.type},
            {"lr", config.optimizer.lr},
            {"momentum", config.optimizer.momentum},
            {"beta2", config.optimizer.beta2},
            {"weight_decay", config.optimizer.weight_decay},
            {"clip_norm", config.optimizer.clip_norm},
            {"layer_decay", config.optimizer.layer_decay}}},
          {"schedule",
           {{"type", config.schedule.type},
            {"warmup_epochs", config.schedule.warmup_epochs},
            {"min_lr_ratio", config.schedule.min_lr_ratio},
            {"flat", config.schedule.flat},
            {"milestones", config.schedule.milestones},
            {"gamma", config.schedule.gamma},
            {"lag_steps", config.schedule.lag_steps}}},
          {"ema",
           {{"enabled", config.ema.enabled},
            {"decay", config.ema.decay},
            {"ramp_steps", config.ema.ramp_steps ? json(*config.ema.ramp_steps) : json()}}},
          {"augment", ToJson(config.augment)},
          {"evaluation", ToJson(config.evaluation)},
          {"tensorboard", {{"enabled", config.tensorboard.enabled}, {"images", config.tensorboard.images}}},
          {"data", {{"train", config.data_train}, {"val", config.data_val}}},
          {"tests", config.tests}};
}

}  // namespace yoake::trainer
