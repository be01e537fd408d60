#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "metrics/analyses/analysis_input.h"
#include "reports/table.h"

namespace yoake::reports {

// For whom numbers are laid out.
enum class Detail {
  kReader,   // Three decimals, and of long or wide tables what matters most (the table's note says what).
  kMachine,  // Full precision, everything.
};

struct NamedTable {
  std::string name;   // A file name without its end: "confusion".
  std::string title;  // "Confusion at IoU 0.5, score >= 0.437".
  std::string note;   // Plain sentences: how it was counted, what was left out. May be empty.
  Table table;
};

struct Picture {
  std::string name;  // As NamedTable's.
  std::string svg;
};

// One analysis of an evaluation, computed and ready to be laid out. Deterministic.
class AnalysisView {
 public:
  virtual ~AnalysisView() = default;

  virtual std::vector<NamedTable> Tables(Detail detail) const = 0;
  virtual nlohmann::json Json() const = 0;  // Documented in docs/eval.md.
  virtual std::vector<Picture> Pictures() const { return {}; }
};

// One file each. The view keeps nothing of its input.
std::unique_ptr<AnalysisView> MakeOperatingPointsView(const metrics::AnalysisInput& input);
std::unique_ptr<AnalysisView> MakeConfusionView(const metrics::AnalysisInput& input);
std::unique_ptr<AnalysisView> MakeErrorsView(const metrics::AnalysisInput& input);
std::unique_ptr<AnalysisView> MakeCalibrationView(const metrics::AnalysisInput& input);
std::unique_ptr<AnalysisView> MakeImagesView(const metrics::AnalysisInput& input);
std::unique_ptr<AnalysisView> MakeScoresView(const metrics::AnalysisInput& input);

}  // namespace yoake::reports
