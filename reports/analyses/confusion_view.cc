#include <fmt/format.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "metrics/analyses/confusion.h"
#include "reports/analyses/analysis_view.h"
#include "reports/analyses/confusion_plot.h"
#include "reports/analyses/view_parts.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMatrixCategories = 12;
constexpr std::size_t kReaderMistakes = 20;

class ConfusionView : public AnalysisView {
 public:
  explicit ConfusionView(const metrics::AnalysisInput& input)
      : iou_(input.options().iou),
        threshold_(input.score_threshold()),
        matrix_(FindConfusion(input.overlaps(), iou_, threshold_)),
        names_(LabelsOf(input.set()).names),
        largest_(LargestCategories(input.outcomes(), kPlottedCategories)) {}

  std::vector<NamedTable> Tables(Detail detail) const override {
    std::vector<NamedTable> tables;
    if (detail == Detail::kMachine || names_.size() <= kMatrixCategories) tables.push_back(MatrixTable());
    tables.push_back(MistakesTable(detail));
    return tables;
  }

  nlohmann::json Json() const override {
    nlohmann::json json = {{"iou", iou_}, {"score_threshold", threshold_}};
    json["categories"] = names_;
    json["matrix"] = nlohmann::json::array();
    for (std::size_t truth = 0; truth <= matrix_.categories(); ++truth) {
      nlohmann::json row = nlohmann::json::array();
      for (std::size_t predicted = 0; predicted <= matrix_.categories(); ++predicted) {
        row.push_back(matrix_.At(truth, predicted));
      }
      json["matrix"].push_back(std::move(row));
    }
    json["mixed_up"] = nlohmann::json::array();
    for (const metrics::Mistake& mistake : MixedUpCategories(matrix_)) {
      json["mixed_up"].push_back({{"truth", names_[mistake.truth]},
                                  {"predicted", names_[mistake.predicted]},
                                  {"count", mistake.count}});
    }
    return json;
  }

  std::vector<Picture> Pictures() const override {
    return {{"confusion", ConfusionSvg(matrix_, names_, largest_, Where())}};
  }

 private:
  std::string Where() const { return fmt::format("{}, {}", IouText(iou_), ScoreText(threshold_)); }

  NamedTable MatrixTable() const {
    NamedTable named = {
        "confusion",
        "Confusion at " + Where(),
        "Rows are the truth, columns what was predicted. Detections take, by falling score, the free "
        "truth box they overlap most, whatever its category.",
        {}};
    named.table.columns.push_back({"truth", Align::kLeft});
    for (const std::string& name : names_) named.table.columns.push_back({name});
    named.table.columns.push_back({"missed"});
    for (std::size_t truth = 0; truth <= matrix_.categories(); ++truth) {
      const bool background = truth == matrix_.background();
      std::vector<Cell> cells = {background ? "background" : names_[truth]};
      for (std::size_t predicted = 0; predicted <= matrix_.categories(); ++predicted) {
        const bool nothing = background && predicted == matrix_.background();
        cells.push_back(nothing ? "" : std::to_string(matrix_.At(truth, predicted)));
      }
      named.table.rows.push_back(std::move(cells));
    }
    return named;
  }

  NamedTable MistakesTable(Detail detail) const {
    const std::vector<metrics::Mistake> mistakes = MixedUpCategories(matrix_);
    NamedTable named = {"mixed_up", "Categories mixed up at " + Where(), "", {}};
    named.table.columns = {
        {"truth", Align::kLeft}, {"predicted", Align::kLeft}, {"count"}, {"share of truth"}};
    for (const metrics::Mistake& mistake : mistakes) {
      if (detail == Detail::kReader && named.table.rows.size() == kReaderMistakes) {
        named.note = fmt::format("The {} most frequent of {} pairs.", kReaderMistakes, mistakes.size());
        break;
      }
      const double share = static_cast<double>(mistake.count) / matrix_.TruthBoxes(mistake.truth);
      named.table.rows.push_back({names_[mistake.truth], names_[mistake.predicted],
                                  std::to_string(mistake.count), NumberFor(detail, share)});
    }
    if (mistakes.empty()) named.note = "None.";
    return named;
  }

  double iou_;
  double threshold_;
  metrics::ConfusionMatrix matrix_;
  std::vector<std::string> names_;
  std::vector<std::size_t> largest_;  // For the picture.
};

}  // namespace

std::unique_ptr<AnalysisView> MakeConfusionView(const metrics::AnalysisInput& input) {
  return std::make_unique<ConfusionView>(input);
}

}  // namespace yoake::reports
