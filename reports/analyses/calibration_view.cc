#include <fmt/format.h>

#include <cstddef>
#include <nlohmann/json.hpp>

#include "metrics/analyses/calibration.h"
#include "reports/analyses/analysis_view.h"
#include "reports/analyses/reliability_plot.h"
#include "reports/analyses/view_parts.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

using metrics::Calibration;
using metrics::ScoreBin;

class CalibrationView : public AnalysisView {
 public:
  explicit CalibrationView(const metrics::AnalysisInput& input)
      : categories_(LabelsOf(input.set())),
        iou_(input.options().iou),
        outside_(ScoresOutsideUnit(input.outcomes().all)),
        largest_(LargestCategories(input.outcomes(), kReliabilityPanels - 1)) {
    const std::vector<std::string>& names = categories_.names;
    const int bins = input.options().calibration_bins;
    for (std::size_t k = 0; k < names.size(); ++k) AddRow(names[k], input.outcomes().categories[k], bins);
    AddRow("all", input.outcomes().all, bins);
  }

  std::vector<NamedTable> Tables(Detail detail) const override {
    return {ErrorsTable(detail), BinsTable("reliability", "equal widths", rows_.back().equal_width, detail),
            BinsTable("reliability_adaptive", "equal masses", rows_.back().equal_mass, detail)};
  }

  nlohmann::json Json() const override {
    nlohmann::json json = {{"iou", iou_}, {"scores_outside_unit", outside_}, {"all", RowJson(rows_.back())}};
    json["per_category"] = PerCategoryJson(categories_, [&](std::size_t k) { return RowJson(rows_[k]); });
    return json;
  }

  std::vector<Picture> Pictures() const override {
    std::vector<ReliabilityPanel> panels = {{rows_.back().name, rows_.back().equal_width}};
    for (const std::size_t k : largest_) panels.push_back({rows_[k].name, rows_[k].equal_width});
    return {{"reliability", ReliabilitySvg(panels, IouText(iou_))}};
  }

 private:
  struct Row {
    std::string name;
    Calibration equal_width;
    Calibration equal_mass;
  };

  void AddRow(const std::string& name, const metrics::CategoryOutcomes& outcomes, int bins) {
    rows_.push_back({name, CalibrateEqualWidth(outcomes, bins), CalibrateEqualMass(outcomes, bins)});
  }

  static int Detections(const Calibration& calibration) {
    int sum = 0;
    for (const ScoreBin& bin : calibration.bins) sum += bin.detections();
    return sum;
  }

  NamedTable ErrorsTable(Detail detail) const {
    NamedTable named = {
        "calibration",
        fmt::format("Calibration: does a score say how often a detection is right at {}?", IouText(iou_)),
        "ECE is the mean, MCE the largest gap between mean score and precision over bins of equal "
        "width; adaptive: bins of equal mass. Every detection given counts, those of low score "
        "too.",
        {}};
    if (outside_ > 0) {
      named.note += fmt::format(" Left out with scores outside [0, 1]: {}.",
                                CountText(static_cast<std::size_t>(outside_), "detection"));
    }
    named.table.columns = {{"category", Align::kLeft}, {"n_dt"},        {"ECE"}, {"MCE"},
                           {"adaptive ECE"},           {"adaptive MCE"}};
    for (const Row& row : rows_) {
      named.table.rows.push_back(
          {row.name, std::to_string(Detections(row.equal_width)), NumberFor(detail, row.equal_width.ece),
           NumberFor(detail, row.equal_width.mce), NumberFor(detail, row.equal_mass.ece),
           NumberFor(detail, row.equal_mass.mce)});
    }
    return named;
  }

  NamedTable BinsTable(const std::string& name, const std::string& kind, const Calibration& calibration,
                       Detail detail) const {
    NamedTable named = {name, fmt::format("Reliability of all detections, bins of {}", kind), "", {}};
    named.table.columns = {{"from"}, {"to"}, {"n_dt"}, {"mean score"}, {"precision"}};
    for (const ScoreBin& bin : calibration.bins) {
      named.table.rows.push_back({NumberFor(detail, bin.low), NumberFor(detail, bin.high),
                                  std::to_string(bin.detections()), NumberFor(detail, bin.MeanScore()),
                                  NumberFor(detail, bin.Precision())});
    }
    return named;
  }

  static nlohmann::json CalibrationJson(const Calibration& calibration) {
    nlohmann::json json = {{"ece", OrNull(calibration.ece)}, {"mce", OrNull(calibration.mce)}};
    json["bins"] = nlohmann::json::array();
    for (const ScoreBin& bin : calibration.bins) {
      json["bins"].push_back({{"low", bin.low},
                              {"high", bin.high},
                              {"n_dt", bin.detections()},
                              {"mean_score", OrNull(bin.MeanScore())},
                              {"precision", OrNull(bin.Precision())}});
    }
    return json;
  }

  static nlohmann::json RowJson(const Row& row) {
    return {{"n_dt", Detections(row.equal_width)},
            {"equal_width", CalibrationJson(row.equal_width)},
            {"equal_mass", CalibrationJson(row.equal_mass)}};
  }

  CategoryLabels categories_;
  double iou_;
  int outside_;
  std::vector<std::size_t> largest_;  // For the picture.
  std::vector<Row> rows_;             // By category, then all.
};

}  // namespace

std::unique_ptr<AnalysisView> MakeCalibrationView(const metrics::AnalysisInput& input) {
  return std::make_unique<CalibrationView>(input);
}

}  // namespace yoake::reports
