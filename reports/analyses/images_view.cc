#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "metrics/analyses/image_scores.h"
#include "reports/analyses/analysis_view.h"
#include "reports/analyses/view_parts.h"

namespace yoake::reports {
namespace {

using metrics::ImageScore;

struct ImageLabel {
  std::int64_t id = 0;
  std::string file_name;
};

class ImagesView : public AnalysisView {
 public:
  explicit ImagesView(const metrics::AnalysisInput& input)
      : options_(input.options()),
        threshold_(input.score_threshold()),
        scores_(ScoreImages(input.outcomes(), input.set().images().size(), threshold_)) {
    const metrics::IdIndex& positions = input.set().images();
    images_.resize(positions.size());
    for (const datasets::Image& image : input.set().input().truth.images) {
      const auto id = static_cast<std::int64_t>(image.id);
      images_[positions.Find(id)] = {id, image.file_name};
    }
  }

  std::vector<NamedTable> Tables(Detail detail) const override {
    const bool reader = detail == Detail::kReader;
    NamedTable named = {"images",
                        fmt::format("{} at {}, {}", reader ? "The worst images" : "Images",
                                    IouText(options_.iou), ScoreText(threshold_)),
                        "Those with the most false and missed boxes first; AP is that of the image alone.",
                        {}};
    named.table.columns = {
        {"image", Align::kLeft}, {"id"}, {"TP"}, {"FP"}, {"FN"}, {fmt::format("F{}", options_.beta)}, {"AP"}};
    for (const ImageScore& score : WorstImages(scores_, reader ? options_.worst_images : scores_.size())) {
      AddRow(score, detail, &named.table);
    }
    if (reader) return {std::move(named)};
    for (const ImageScore& score : scores_) {
      if (score.mistakes() == 0) AddRow(score, detail, &named.table);
    }
    return {std::move(named)};
  }

  nlohmann::json Json() const override {
    nlohmann::json json = {{"iou", options_.iou}, {"score_threshold", threshold_}};
    json["worst"] = ListJson(WorstImages(scores_, options_.worst_images));
    json["per_image"] = ListJson(scores_);
    return json;
  }

 private:
  void AddRow(const ImageScore& score, Detail detail, Table* table) const {
    table->rows.push_back({images_[score.image].file_name, std::to_string(images_[score.image].id),
                           std::to_string(score.counts.true_positives),
                           std::to_string(score.counts.false_positives),
                           std::to_string(score.counts.false_negatives),
                           NumberFor(detail, score.counts.F(options_.beta)), NumberFor(detail, score.ap)});
  }

  nlohmann::json ListJson(const std::vector<ImageScore>& scores) const {
    nlohmann::json list = nlohmann::json::array();
    for (const ImageScore& score : scores) {
      list.push_back({{"image_id", images_[score.image].id},
                      {"file_name", images_[score.image].file_name},
                      {"true_positives", score.counts.true_positives},
                      {"false_positives", score.counts.false_positives},
                      {"false_negatives", score.counts.false_negatives},
                      {"f", OrNull(score.counts.F(options_.beta))},
                      {"AP", OrNull(score.ap)}});
    }
    return list;
  }

  metrics::AnalysisOptions options_;
  double threshold_;
  std::vector<ImageLabel> images_;  // By position.
  std::vector<ImageScore> scores_;
};

}  // namespace

std::unique_ptr<AnalysisView> MakeImagesView(const metrics::AnalysisInput& input) {
  return std::make_unique<ImagesView>(input);
}

}  // namespace yoake::reports
