#include "trainer/losses/expression/quantities.h"

#include <ATen/ATen.h>

#include "core/error.h"
#include "trainer/losses/boxes/overlap.h"

namespace yoake::trainer {
namespace {

constexpr double kLeast = 1e-7;

using MakeQuantity = at::Tensor (*)(const LossInput& in);

struct Entry {
  const char* name;
  MakeQuantity make;
};

template <at::Tensor Corners::*kColumn, bool kTrue>
at::Tensor Column(const LossInput& in) {
  return Corners(kTrue ? in.target : in.pred).*kColumn;
}

template <at::Tensor (Corners::*kSide)() const, bool kTrue>
at::Tensor Side(const LossInput& in) {
  return (Corners(kTrue ? in.target : in.pred).*kSide)();
}

BoxPair Pair(const LossInput& in) { return BoxPair(in.pred, in.target); }

at::Tensor IouOf(const BoxPair& pair) { return pair.intersection / pair.union_area.clamp_min(kLeast); }

const std::vector<Entry>& QuantityTable(LossRole role) {
  static const std::vector<Entry> kScores = {
      {"x", [](const LossInput& in) { return in.pred; }},
      {"p", [](const LossInput& in) { return in.pred.sigmoid(); }},
      {"t", [](const LossInput& in) { return in.target; }},
      {"bce", [](const LossInput& in) { return SigmoidCrossEntropy(in.pred, in.target); }},
  };
  static const std::vector<Entry> kOffsets = {
      {"pred", [](const LossInput& in) { return in.pred; }},
      {"target", [](const LossInput& in) { return in.target; }},
  };
  static const std::vector<Entry> kBoxes = {
      {"x1", Column<&Corners::x1, false>},
      {"y1", Column<&Corners::y1, false>},
      {"x2", Column<&Corners::x2, false>},
      {"y2", Column<&Corners::y2, false>},
      {"tx1", Column<&Corners::x1, true>},
      {"ty1", Column<&Corners::y1, true>},
      {"tx2", Column<&Corners::x2, true>},
      {"ty2", Column<&Corners::y2, true>},
      {"cx", Side<&Corners::cx, false>},
      {"cy", Side<&Corners::cy, false>},
      {"w", Side<&Corners::w, false>},
      {"h", Side<&Corners::h, false>},
      {"tcx", Side<&Corners::cx, true>},
      {"tcy", Side<&Corners::cy, true>},
      {"tw", Side<&Corners::w, true>},
      {"th", Side<&Corners::h, true>},
      {"inter", [](const LossInput& in) { return Pair(in).intersection; }},
      {"union", [](const LossInput& in) { return Pair(in).union_area; }},
      {"iou", [](const LossInput& in) { return IouOf(Pair(in)); }},
      {"giou",
       [](const LossInput& in) {
         const BoxPair pair = Pair(in);
         const at::Tensor hull = (pair.hull_w * pair.hull_h).clamp_min(kLeast);
         return IouOf(pair) - (hull - pair.union_area) / hull;
       }},
      {"hull_w", [](const LossInput& in) { return Pair(in).hull_w; }},
      {"hull_h", [](const LossInput& in) { return Pair(in).hull_h; }},
      {"centre", [](const LossInput& in) { return Pair(in).CentrePenalty(kLeast); }},
      {"aspect", [](const LossInput& in) { return Pair(in).AspectPenalty(kLeast); }},
      {"side",
       [](const LossInput& in) {
         return at::scalar_tensor(static_cast<double>(in.context.input_size), at::kDouble);
       }},
  };
  switch (role) {
    case LossRole::kCls:
    case LossRole::kObj:
      return kScores;
    case LossRole::kBbox:
      return kBoxes;
    case LossRole::kL1:
      return kOffsets;
  }
  throw Error(ErrorKind::kInternal, "loss role out of range");
}

}  // namespace

std::vector<std::string> QuantityNames(LossRole role) {
  std::vector<std::string> names;
  for (const Entry& entry : QuantityTable(role)) names.emplace_back(entry.name);
  return names;
}

at::Tensor Quantity(const std::string& name, LossRole role, const LossInput& in) {
  for (const Entry& entry : QuantityTable(role)) {
    if (name == entry.name) return entry.make(in);
  }
  throw Error(ErrorKind::kInternal, "no quantity '" + name + "'");
}

}  // namespace yoake::trainer
