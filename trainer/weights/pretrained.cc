#include "trainer/weights/pretrained.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "trainer/weights/checkpoint.h"
#include "trainer/weights/key_names.h"

namespace yoake::trainer {
namespace {

constexpr char kStem[] = "backbone.backbone.stem.conv.conv.weight";
constexpr std::string_view kClassHead = "head.cls_preds.";

using ByName = std::map<std::string, at::Tensor>;

const at::Tensor* Find(const ByName& tensors, const std::string& name) {
  const auto found = tensors.find(name);
  return found == tensors.end() ? nullptr : &found->second;
}

// The name of the size whose stem has so many channels.
std::string SizeText(std::int64_t stem_channels) {
  struct Size {
    std::int64_t channels;
    const char* name;
  };
  constexpr Size kSizes[] = {{16, "nano"}, {24, "tiny"}, {32, "s"}, {48, "m"}, {64, "l"}, {80, "x"}};
  for (const Size& size : kSizes) {
    if (size.channels == stem_channels)
      return fmt::format("{} channels, as model.size {}", stem_channels, size.name);
  }
  return fmt::format("{} channels, model.width {:g}", stem_channels, static_cast<double>(stem_channels) / 64);
}

void RequireSameWidth(const ByName& given, const ByName& own, const std::string& where) {
  const at::Tensor* theirs = Find(given, kStem);
  const at::Tensor* ours = Find(own, kStem);
  if (theirs == nullptr || ours == nullptr || theirs->dim() != 4 || theirs->size(0) == ours->size(0)) return;
  throw Error(
      ErrorKind::kConfig,
      fmt::format("the weights are of another size: their first convolution has {}; this model's has {}",
                  SizeText(theirs->size(0)), SizeText(ours->size(0))),
      where);
}

void RequireFinite(const ByName& given, const std::string& where) {
  for (const auto& [name, tensor] : given) {
    if (!tensor.is_floating_point() || at::isfinite(tensor).all().item<bool>()) continue;
    throw Error(ErrorKind::kData, name + " holds numbers that are not finite: its training diverged", where);
  }
}

// For each of our categories the row of the file's class head, if any.
struct RowMatch {
  std::vector<std::optional<std::int64_t>> of;
  std::string text;  // What is taken, for the report.
};

RowMatch MatchRows(const std::vector<std::string>& ours, const std::vector<std::string>& theirs,
                   std::int64_t count) {
  RowMatch rows{std::vector<std::optional<std::int64_t>>(ours.size()), ""};
  const auto size = static_cast<std::int64_t>(ours.size());
  if (static_cast<std::int64_t>(theirs.size()) != count) {
    if (count != size) {
      rows.text = fmt::format("the class head starts anew ({} classes in the file, {} here)", count, size);
      return rows;
    }
    for (std::int64_t i = 0; i < size; ++i) rows.of[static_cast<std::size_t>(i)] = i;
    rows.text = "classes in the file's order, which names none";
    return rows;
  }
  std::vector<std::string> taken;
  std::vector<std::string> anew;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto found = std::find(theirs.begin(), theirs.end(), ours[i]);
    if (found != theirs.end()) rows.of[i] = found - theirs.begin();
    (rows.of[i] ? taken : anew).push_back(ours[i]);
  }
  if (anew.empty()) {
    rows.text = "classes by name";
  } else if (taken.empty()) {
    rows.text = fmt::format("the class head starts anew (none of the file's {} classes is one of {})", count,
                            fmt::join(anew, ", "));
  } else {
    rows.text = fmt::format("classes by name: {} taken, {} start anew", fmt::join(taken, ", "),
                            fmt::join(anew, ", "));
  }
  return rows;
}

// Makes the file's class head one of our categories: rows without a counterpart are those the model has.
std::string FitClassHead(const ByName& own, const std::vector<std::string>& ours,
                         const std::vector<std::string>& theirs, ByName* given) {
  std::string text;
  for (auto& [name, tensor] : *given) {
    const at::Tensor* model = name.starts_with(kClassHead) ? Find(own, name) : nullptr;
    if (model == nullptr || tensor.dim() != model->dim() || tensor.dim() == 0 ||
        tensor.sizes().slice(1) != model->sizes().slice(1)) {
      continue;
    }
    const RowMatch rows = MatchRows(ours, theirs, tensor.size(0));
    at::Tensor fitted = model->detach().cpu().clone();
    for (std::size_t i = 0; i < rows.of.size(); ++i) {
      if (rows.of[i]) fitted[static_cast<std::int64_t>(i)].copy_(tensor[*rows.of[i]]);
    }
    tensor = fitted;
    text = "; " + rows.text;
  }
  return text;
}

// The file's tensors under Megvii's names; raw copies that mmdetection 2 keeps beside its average go.
ByName Rename(const StateDict& state, KeyNames names, std::vector<std::string>* raw) {
  ByName renamed;
  for (const auto& [key, tensor] : state) {
    if (key.starts_with("ema_")) {
      raw->push_back(key);
    } else {
      renamed[MegviiName(WithoutWrappers(key), names)] = tensor;
    }
  }
  return renamed;
}

KeyNames Guess(const StateDict& state) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : state) keys.push_back(key);
  return GuessKeyNames(keys);
}

}  // namespace

PretrainedReport LoadPretrained(const std::filesystem::path& path, const std::vector<std::string>& categories,
                                torch::nn::Module& model) {
  const at::NoGradGuard no_grad;
  const std::string where = path.string();
  const Checkpoint checkpoint = LoadCheckpoint(path);
  const StateDict own_state = StateOf(model);
  const ByName own(own_state.begin(), own_state.end());
  const KeyNames names = Guess(checkpoint.model);
  std::vector<std::string> raw;
  ByName given = Rename(checkpoint.model, names, &raw);
  RequireFinite(given, where);
  RequireSameWidth(given, own, where);
  const std::string classes = FitClassHead(own, categories, checkpoint.categories, &given);

  LoadReport load = LoadState(model, {given.begin(), given.end()});
  load.unread = checkpoint.unread;
  PretrainedReport report;
  report.total = own.size();
  report.taken = own.size() - load.missing.size() - load.mismatched.size();
  if (report.taken == 0) {
    throw Error(ErrorKind::kData,
                fmt::format("holds no weights of a YOLOX: none of its {} tensors ({}, ...) belongs to one",
                            checkpoint.model.size(), checkpoint.model.front().first),
                where);
  }
  report.summary = fmt::format("init {}: {} of {} tensors taken, {}'s names{}", where, report.taken,
                               report.total, ToString(names), classes);
  if (!load.complete()) report.warnings.push_back(load.Text());
  if (!raw.empty()) {
    report.warnings.push_back(
        fmt::format("{} raw copies beside the average (ema_...) are ignored", raw.size()));
  }
  return report;
}

}  // namespace yoake::trainer
