#include "trainer/losses/loss.h"

#include <ATen/ATen.h>

#include <functional>

#include "core/error.h"
#include "trainer/losses/box_losses.h"
#include "trainer/losses/element_losses.h"
#include "trainer/losses/reduction.h"

namespace yoake::trainer {
namespace {

// Unreduced loss of (pred, target).
using Formula = std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>;

struct Entry {
  const char* name;  // mmdetection's type name.
  Formula (*make)(const LossConfig& config, const std::string& where);
};

const std::vector<Entry>& ElementTable() {
  static const std::vector<Entry> kTable = {
      {"CrossEntropyLoss",
       [](const LossConfig&, const std::string&) -> Formula { return SigmoidCrossEntropy; }},
      {"FocalLoss",
       [](const LossConfig& config, const std::string&) -> Formula {
         return
             [gamma = config.gamma, alpha = config.alpha](const at::Tensor& pred, const at::Tensor& target) {
               return SigmoidFocal(pred, target, gamma, alpha);
             };
       }},
      {"L1Loss", [](const LossConfig&, const std::string&) -> Formula { return L1; }},
  };
  return kTable;
}

// A box loss that knows eps alone.
template <at::Tensor (*kLoss)(const at::Tensor&, const at::Tensor&, double)>
Formula WithEps(const LossConfig& config, const std::string&) {
  return [eps = config.eps](const at::Tensor& pred, const at::Tensor& target) {
    return kLoss(pred, target, eps);
  };
}

const std::vector<Entry>& BoxTable() {
  static const std::vector<Entry> kTable = {
      {"IoULoss",
       [](const LossConfig& config, const std::string& where) -> Formula {
         const IouMode mode = ParseIouMode(config.mode, where);
         return [mode, eps = config.eps](const at::Tensor& pred, const at::Tensor& target) {
           return IouLoss(pred, target, mode, eps);
         };
       }},
      {"GIoULoss", WithEps<GiouLoss>},
      {"DIoULoss", WithEps<DiouLoss>},
      {"CIoULoss", WithEps<CiouLoss>},
  };
  return kTable;
}

std::vector<std::string> Names(const std::vector<Entry>& table) {
  std::vector<std::string> names;
  for (const Entry& entry : table) names.emplace_back(entry.name);
  return names;
}

Formula Find(const std::vector<Entry>& table, const LossConfig& config, const std::string& where) {
  std::string known;
  for (const Entry& entry : table) {
    if (config.type == entry.name) return entry.make(config, where);
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(ErrorKind::kConfig, "unknown loss \"" + config.type + "\" for this term; known: " + known,
              where + ".type");
}

// A formula with the configuration's reduction and weight.
template <typename Interface>
class Reduced : public Interface {
 public:
  Reduced(Formula formula, const LossConfig& config, const std::string& where)
      : formula_(std::move(formula)),
        reduction_(ParseReduction(config.reduction, where)),
        loss_weight_(config.loss_weight) {}
  at::Tensor operator()(const at::Tensor& pred, const at::Tensor& target) const override {
    return Reduce(formula_(pred, target), reduction_, loss_weight_);
  }

 private:
  Formula formula_;
  Reduction reduction_;
  double loss_weight_;
};

}  // namespace

Reduction ParseReduction(const std::string& text, const std::string& where) {
  if (text == "sum") return Reduction::kSum;
  if (text == "mean") return Reduction::kMean;
  throw Error(ErrorKind::kConfig, "unknown reduction \"" + text + "\"; known: sum, mean",
              where + ".reduction");
}

at::Tensor Reduce(const at::Tensor& loss, Reduction reduction, double loss_weight) {
  const at::Tensor sum = loss.sum() * loss_weight;
  return reduction == Reduction::kSum || loss.numel() == 0 ? sum : sum / static_cast<double>(loss.numel());
}

std::unique_ptr<ElementLoss> MakeElementLoss(const LossConfig& config, const std::string& where) {
  return std::make_unique<Reduced<ElementLoss>>(Find(ElementTable(), config, where), config, where);
}

std::unique_ptr<BoxLoss> MakeBoxLoss(const LossConfig& config, const std::string& where) {
  return std::make_unique<Reduced<BoxLoss>>(Find(BoxTable(), config, where), config, where);
}

std::vector<std::string> ElementLossNames() { return Names(ElementTable()); }
std::vector<std::string> BoxLossNames() { return Names(BoxTable()); }

}  // namespace yoake::trainer
