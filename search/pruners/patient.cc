#include "search/pruners/patient.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "core/json_reader.h"
#include "search/option_checks.h"
#include "search/pruners/objective.h"

namespace yoake::search {
namespace {

using Report = std::map<int, double>::const_iterator;

std::optional<double> Best(Report begin, Report end, Direction direction) {
  std::optional<double> best;
  for (; begin != end; ++begin) {
    if (std::isnan(begin->second)) continue;
    if (!best || IsWorse(*best, begin->second, direction)) best = begin->second;
  }
  return best;
}

class PatientPruner final : public Pruner {
 public:
  PatientPruner(PatientOptions options, std::unique_ptr<Pruner> wrapped)
      : options_(std::move(options)), wrapped_(std::move(wrapped)) {}

  PruneDecision Decide(const History& history, const TrialRecord& trial) const override {
    const Direction direction = ObjectiveDirection(history, options_.objective);
    const auto& reports = trial.intermediate;
    const int window = options_.patience + 1;
    if (reports.size() <= static_cast<std::size_t>(window)) return {};
    const Report middle = std::prev(reports.end(), window);
    const auto before = Best(reports.begin(), middle, direction);
    const auto lately = Best(middle, reports.end(), direction);
    if (!before || !lately) return {};
    const double bar =
        direction == Direction::kMaximize ? *before - options_.min_delta : *before + options_.min_delta;
    if (!IsWorse(*lately, bar, direction)) return {};
    if (wrapped_ != nullptr) return wrapped_->Decide(history, trial);
    return {true,
            fmt::format("best {:.6g} of the last {} reports is worse than {:.6g} before", *lately, window,
                        *before),
            {}};
  }

 private:
  PatientOptions options_;
  std::unique_ptr<Pruner> wrapped_;
};

}  // namespace

void PatientOptions::Validate() const {
  RequireAtLeast("patience", patience, 0);
  RequireWithin("min_delta", min_delta, 0, HUGE_VAL);
}

std::unique_ptr<Pruner> MakePatientPruner(PatientOptions options, std::unique_ptr<Pruner> wrapped) {
  options.Validate();
  return std::make_unique<PatientPruner>(std::move(options), std::move(wrapped));
}

std::unique_ptr<Pruner> MakePatientPruner(const JsonReader& reader) {
  PatientOptions options;
  options.patience = reader.At("patience").AsInt32();
  reader.Read("min_delta", &options.min_delta);
  ReadObjective(reader, &options.objective);
  const auto wrapped = reader.Find("wrapped");
  reader.Finish();
  return Checked(reader,
                 [&] { return MakePatientPruner(options, wrapped ? MakePruner(*wrapped) : nullptr); });
}

}  // namespace yoake::search
