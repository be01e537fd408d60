#include "trainer/augment/sample_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/text_file.h"
#include "datasets/image_io.h"
#include "datasets/read.h"
#include "trainer/augment/letterbox.h"
#include "trainer/augment/multi_scale.h"
#include "trainer/augment/pipeline.h"
#include "trainer/augment/transforms.h"
#include "trainer/config/config_file.h"
#include "trainer/data/batch_stream.h"
#include "trainer/data/image_order.h"
#include "trainer/data/training_source.h"
#include "trainer/predict/draw.h"

namespace yoake::trainer {
namespace {

constexpr std::size_t kColumns = 4;
constexpr char kMultiScale[] = "multi_scale";  // Of steps, not of samples, but it has a row as well.
constexpr int kGap_px = 8;
constexpr int kTextLine_px = 18;

struct Cell {
  cv::Mat picture;
  std::string caption;  // Below it.
};

// Up to kColumns cells side by side.
struct Row {
  std::string title;  // Above; may be empty.
  std::vector<Cell> cells;
};

using Rows = std::vector<Row>;

// Smaller where it would not fit `width`.
void Write(const std::string& text, const cv::Point& top_left, int width, double scale, cv::Mat* sheet) {
  const int wanted = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, nullptr).width;
  if (wanted > width) scale *= static_cast<double>(width) / wanted;
  cv::putText(*sheet, text, top_left + cv::Point(0, 13), cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar::all(40),
              1, cv::LINE_AA);
}

int HeightOf(const Row& row) {
  int tallest = 0;
  for (const Cell& cell : row.cells) tallest = std::max(tallest, cell.picture.rows);
  return (row.title.empty() ? 0 : kTextLine_px) + tallest + kTextLine_px + kGap_px;
}

cv::Mat Compose(const Rows& rows, int cell_px) {
  int height = kGap_px;
  for (const Row& row : rows) height += HeightOf(row);
  cv::Mat sheet(height, static_cast<int>(kColumns) * (cell_px + kGap_px) + kGap_px, CV_8UC3,
                cv::Scalar::all(255));
  int top = kGap_px;
  for (const Row& row : rows) {
    if (!row.title.empty()) Write(row.title, {kGap_px, top}, sheet.cols - 2 * kGap_px, 0.45, &sheet);
    const int pictures = top + (row.title.empty() ? 0 : kTextLine_px);
    int left = kGap_px;
    for (const Cell& cell : row.cells) {
      cell.picture.copyTo(sheet(cv::Rect({left, pictures}, cell.picture.size())));
      Write(cell.caption, {left, pictures + cell.picture.rows + 2}, cell_px, 0.38, &sheet);
      left += cell_px + kGap_px;
    }
    top += HeightOf(row);
  }
  return sheet;
}

// The cells in rows, the first titled.
void AppendGrid(const std::string& title, const std::vector<Cell>& cells, Rows* rows) {
  for (std::size_t i = 0; i < cells.size(); i += kColumns) {
    const auto begin = cells.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = cells.begin() + static_cast<std::ptrdiff_t>(std::min(i + kColumns, cells.size()));
    rows->push_back({i == 0 ? title : "", {begin, end}});
  }
}

// Draws on pixels of the final size, so that lines and text stay sharp.
cv::Mat Drawn(const Sample& sample, const std::vector<std::string>& categories, int cell_px) {
  cv::Mat picture = ScaleToFit(sample.image, cell_px).clone();
  const double scale_x = static_cast<double>(picture.cols) / sample.image.cols;
  const double scale_y = static_cast<double>(picture.rows) / sample.image.rows;
  std::vector<DrawnBox> boxes;
  for (const auto& [box, label] : sample.boxes) {
    boxes.push_back(
        {Moved(box, {0, 0, scale_x, scale_y}), categories[static_cast<std::size_t>(label)], label});
  }
  DrawBoxes(boxes, &picture);
  return picture;
}

std::string NameOf(const TrainingImage& image) {
  return std::filesystem::path(image.image.file_name).filename().string();
}

// `count` images evenly from the whole set.
Rows ImageRows(const TrainingSet& set, const SheetOptions& options) {
  ImageCache no_cache(options.cell_px, 0);
  std::vector<Cell> cells;
  const std::size_t count = std::min(set.images.size(), static_cast<std::size_t>(options.count));
  for (std::size_t i = 0; i < count; ++i) {
    const TrainingImage& image = set.images[i * set.images.size() / count];
    const Sample sample = LoadSample(image, &no_cache);
    cells.push_back({Drawn(sample, set.categories, options.cell_px),
                     fmt::format("{}: {} boxes", NameOf(image), sample.boxes.size())});
  }
  Rows rows;
  AppendGrid("", cells, &rows);
  return rows;
}

std::string TextOf(const std::string& name, const TransformParams& params) {
  std::string text = name;
  for (const TransformParam& param : FindTransformType(name).params) {
    const double value = params.at(param.name);
    if (param.name != "prob" || value > 0) text += fmt::format(" {} {:g}", param.name, value);
  }
  return text;
}

class AugmentedSheet {
 public:
  AugmentedSheet(const TrainConfig& config, const TrainingSet& set, int cell_px)
      : config_(config), set_(set), cell_px_(cell_px), cache_(config.input_size, 0.5), source_(set, &cache_) {
    for (std::size_t i = 0; i < set.images.size(); ++i) {
      if (!set.images[i].boxes.empty()) with_boxes_.push_back(i);
    }
  }

  // One image before and after the transform, done whatever its prob.
  Row TransformRow(const std::string& name) const {
    const TransformParams& params = config_.augment.transforms.at(name);
    RandomStream random = RandomStream(config_.seed).Split("show").Split(name);
    const Sample before = source_.Load(with_boxes_[random.Below(with_boxes_.size())]);
    Row row{TextOf(name, params), {{Drawn(before, set_.categories, cell_px_), "before"}}};
    const Transform transform = FindTransformType(name).make(params);
    while (row.cells.size() < kColumns) {
      Sample after = before;
      transform({config_.input_size, source_, &random}, &after);
      row.cells.push_back({Drawn(after, set_.categories, cell_px_), "after"});
    }
    return row;
  }

  // The first samples of a run, or what the last epochs would make of them.
  std::vector<Cell> Samples(std::size_t count, bool last_epochs) const {
    const Pipeline pipeline(config_.augment, config_.input_size, last_epochs);
    const RandomStream samples = SampleStream(config_.seed, /*epoch=*/0);
    const std::vector<int> order =
        EpochOrder(RepeatFactors(set_, config_.oversample_thr), config_.batch, config_.seed, 0);
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < std::min(order.size(), count); ++i) {
      const auto image = static_cast<std::size_t>(order[i]);
      const Sample sample = pipeline(source_, image, samples.Split(i));
      cells.push_back({Drawn(sample, set_.categories, cell_px_), NameOf(set_.images[image])});
    }
    return cells;
  }

  // An image at the sizes of the first steps, all to one scale.
  Row SizesRow() const {
    const MultiScaleConfig& scale = config_.augment.multi_scale;
    const double full = config_.input_size * scale.high + 16;  // Sizes are rounded to multiples of 32.
    Row row{fmt::format("multi_scale: low {:g} high {:g} interval {}", scale.low, scale.high, scale.interval),
            {}};
    while (row.cells.size() < kColumns) {
      const auto step = static_cast<std::int64_t>(row.cells.size()) * scale.interval;
      const int size = InputSizeAt(scale, config_.input_size, RandomStream(config_.seed), step);
      Sample sample = source_.Load(with_boxes_[0]);
      PadToSquare(config_.input_size, &sample);
      ResizeSquare(size, &sample);
      row.cells.push_back({Drawn(sample, set_.categories, static_cast<int>(cell_px_ * size / full)),
                           fmt::format("{} x {} pixels", size, size)});
    }
    return row;
  }

 private:
  const TrainConfig& config_;
  const TrainingSet& set_;
  const int cell_px_;
  mutable ImageCache cache_;
  const TrainingSource source_;
  std::vector<std::size_t> with_boxes_;
};

Rows AugmentedRows(const TrainConfig& config, const TrainingSet& set, const SheetOptions& options) {
  const AugmentedSheet sheet(config, set, options.cell_px);
  const bool scales = config.augment.multi_scale.low != 1 || config.augment.multi_scale.high != 1;
  Rows rows;
  for (const std::string& name : options.transforms) {
    rows.push_back(name == kMultiScale ? sheet.SizesRow() : sheet.TransformRow(name));
  }
  if (!rows.empty()) return rows;
  for (const std::string& name : config.augment.order) {
    if (IsOn(config.augment.transforms.at(name))) rows.push_back(sheet.TransformRow(name));
  }
  if (scales) rows.push_back(sheet.SizesRow());
  AppendGrid(
      fmt::format("samples as training sees them, {} x {} pixels", config.input_size, config.input_size),
      sheet.Samples(static_cast<std::size_t>(options.count), /*last_epochs=*/false), &rows);
  if (NoAugEpochs(config) > 0) {
    AppendGrid(fmt::format("the same in the last epochs (no_aug_epochs {})", config.augment.no_aug_epochs),
               sheet.Samples(kColumns, /*last_epochs=*/true), &rows);
  }
  return rows;
}

void RequireKnownTransforms(const SheetOptions& options) {
  if (options.config.empty() && !options.transforms.empty()) {
    throw Error(ErrorKind::kUsage,
                "a transform is shown with the parameters of a configuration: --augmented");
  }
  std::vector<std::string> known = TransformNames();
  known.push_back(kMultiScale);
  for (const std::string& name : options.transforms) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ErrorKind::kUsage, "unknown transform '" + name + "'" + DidYouMean(name, known),
                "--transform");
  }
}

}  // namespace

std::vector<std::string> DrawSampleSheet(const SheetOptions& options) {
  RequireKnownTransforms(options);
  const bool augmented = !options.config.empty();
  const TrainingSet set =
      MakeTrainingSet(datasets::ReadCoco(TextFile::Open(options.dataset), options.images,
                                         {.elements = {}, .masks = augmented, .masks_may_lack = true}),
                      options.dataset.string());
  const Rows rows = augmented
                        ? AugmentedRows(LoadTrainConfig(options.config, options.overrides), set, options)
                        : ImageRows(set, options);
  datasets::WriteImage(options.out, Compose(rows, options.cell_px));
  return set.warnings;
}

}  // namespace yoake::trainer
