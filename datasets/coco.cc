#include "datasets/coco.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/parallel.h"
#include "datasets/extras.h"
#include "datasets/id_set.h"
#include "datasets/image_file.h"
#include "datasets/read.h"
#include "datasets/segmentation.h"

namespace yoake::datasets {
namespace {

using Kind = RawValue::Kind;

class Assembler {
 public:
  Assembler(const RawCoco& raw, std::filesystem::path image_folder, const ProblemHandler& on_problem,
            std::vector<std::size_t>* segmentations)
      : raw_(raw),
        image_folder_(std::move(image_folder)),
        on_problem_(on_problem),
        segmentations_(segmentations) {}

  Dataset Run() {
    dataset_.name = std::filesystem::path(raw_.file.name()).stem().string();
    if (!CheckTop()) return std::move(dataset_);
    SetSources();
    for (std::size_t i = 0; i < raw_.categories.size(); ++i) AddCategory(i);
    dataset_.images.reserve(raw_.images.size());
    image_ids_.Reserve(raw_.images.size());
    for (std::size_t i = 0; i < raw_.images.size(); ++i) AddImage(i);
    AddAnnotations();
    return std::move(dataset_);
  }

 private:
  // Where the reader stands: names every problem's position and ids.
  struct Place {
    const char* section = nullptr;
    std::size_t index = 0;
    std::optional<std::int64_t> id;
    std::optional<std::int64_t> image_id;
  };

  void Report(FindingKind kind, const std::string& message) {
    Finding finding{kind, Severity::kError, raw_.file.name(), place_.image_id, std::nullopt, message};
    if (place_.section != nullptr) {
      const std::string id = place_.id ? fmt::format(" (id {})", *place_.id) : "";
      finding.message = fmt::format("$.{}[{}]{}: {}", place_.section, place_.index, id, message);
      if (place_.section == kAnnotations) finding.annotation_id = place_.id;
    }
    on_problem_(finding);
  }

  bool CheckTop() {
    if (raw_.top == Kind::kArray) {
      Report(FindingKind::kWrongType,
             "the file is an array, as detection results are; ground truth is an object with the keys "
             "'images', 'annotations' and 'categories'");
      return false;
    }
    if (raw_.top != Kind::kObject) {
      Report(FindingKind::kWrongType,
             "expected an object with the keys 'images', 'annotations' and 'categories'");
      return false;
    }
    const std::pair<const char*, Kind> lists[] = {{"images", raw_.images_kind},
                                                  {"annotations", raw_.annotations_kind},
                                                  {"categories", raw_.categories_kind}};
    for (const auto& [name, kind] : lists) {
      if (kind == Kind::kAbsent) {
        Report(FindingKind::kMissingKey,
               fmt::format("$: the key '{}' is missing; COCO ground truth has 'images', 'annotations' and "
                           "'categories' (an empty list is fine)",
                           name));
      } else if (kind != Kind::kArray) {
        Report(FindingKind::kWrongType, fmt::format("$.{}: expected an array", name));
      }
    }
    return true;
  }

  // "sources" is ours: honoured when it is what WriteCoco writes, else somebody else's and skipped.
  void SetSources() {
    const bool ours = !raw_.sources.empty() &&
                      std::all_of(raw_.sources.begin(), raw_.sources.end(),
                                  [](const RawValue& source) { return source.kind == Kind::kText; });
    if (!ours) {
      dataset_.sources = {raw_.file.name()};
      return;
    }
    for (const RawValue& source : raw_.sources) dataset_.sources.push_back(raw_.Text(source));
  }

  bool RequireObject(bool is_object) {
    if (!is_object) Report(FindingKind::kWrongType, "expected an object");
    return is_object;
  }

  // The element's own id, checked for range and uniqueness; it then stands in every later message.
  std::optional<std::int64_t> OwnId(const RawValue& value, IdSet* known) {
    const auto id = ReadId("id", value);
    if (!id) return std::nullopt;
    place_.id = id;
    if (place_.section == kImages) place_.image_id = id;
    if (known->Insert(*id)) return id;
    Report(FindingKind::kDuplicateId,
           fmt::format("the id {} stands twice in '{}'; ids must be unique", *id, place_.section));
    return std::nullopt;
  }

  std::optional<std::int64_t> ReadId(const char* key, const RawValue& value) {
    if (value.missing()) {
      Report(FindingKind::kMissingKey, fmt::format("the key '{}' is missing", key));
      return std::nullopt;
    }
    const auto id = AsId(value);
    if (!id) {
      Report(FindingKind::kWrongType,
             fmt::format("'{}' must be an integer from 0 to 2^53, got {}", key, raw_.Describe(value)));
    }
    return id;
  }

  std::optional<std::string> ReadText(const char* key, const RawValue& value) {
    if (value.missing()) {
      Report(FindingKind::kMissingKey, fmt::format("the key '{}' is missing", key));
      return std::nullopt;
    }
    if (value.kind == Kind::kText) {
      if (std::string text = raw_.Text(value); !text.empty()) return text;
    }
    Report(FindingKind::kWrongType,
           fmt::format("'{}' must be a string that is not empty, got {}", key, raw_.Describe(value)));
    return std::nullopt;
  }

  void AddCategory(std::size_t index) {
    const RawCategory& raw = raw_.categories[index];
    place_ = {kCategories, index, {}, {}};
    if (!RequireObject(raw.is_object)) return;
    const auto id = OwnId(raw.id, &category_ids_);
    const auto name = ReadText("name", raw.name);
    if (!id || !name) return;
    if (!category_names_.insert(*name).second) {
      Report(FindingKind::kDuplicateName,
             fmt::format("the name '{}' stands twice in 'categories'; names must be unique", *name));
      return;
    }
    Category category{CategoryId{*id}, *name, ""};
    if (raw.supercategory.kind == Kind::kText) category.supercategory = raw_.Text(raw.supercategory);
    dataset_.categories.push_back(std::move(category));
  }

  void AddImage(std::size_t index) {
    const RawImage& raw = raw_.images[index];
    place_ = {kImages, index, {}, {}};
    if (!RequireObject(raw.is_object)) return;
    const auto id = OwnId(raw.id, &image_ids_);
    const auto file_name = ReadText("file_name", raw.file_name);
    if (!id || !file_name) return;
    if (image_folder_.empty()) image_folder_ = DefaultImageFolder(raw_.file.name(), *file_name);
    Image image{ImageId{*id}, *file_name, image_folder_ / *file_name, 0, 0, 0};
    const auto source = AsInteger(raw.source);
    if (source && *source >= 0 && *source < static_cast<std::int64_t>(dataset_.sources.size())) {
      image.source = static_cast<int>(*source);
    }
    if (raw.width.missing() && raw.height.missing()) {
      if (!SizeFromFile(&image)) return;
    } else if (!ReadSide("width", raw.width, &image.width) ||
               !ReadSide("height", raw.height, &image.height)) {
      return;
    }
    dataset_.images.push_back(std::move(image));
  }

  bool ReadSide(const char* key, const RawValue& value, int* side) {
    const auto pixels = AsInteger(value);
    if (pixels && *pixels > 0 && *pixels <= std::numeric_limits<int>::max()) {
      *side = static_cast<int>(*pixels);
      return true;
    }
    Report(value.missing() ? FindingKind::kMissingKey : FindingKind::kWrongType,
           fmt::format("'{}' must be a whole number of pixels above 0, got {}", key, raw_.Describe(value)));
    return false;
  }

  bool SizeFromFile(Image* image) {
    std::string reason = "is not an image that can be read";
    try {
      if (const auto size = DecodedSize(ReadFile(image->path))) {
        image->width = size->width;
        image->height = size->height;
        return true;
      }
    } catch (const Error& error) {
      reason = "cannot be read: " + error.message();
    }
    Report(FindingKind::kSizeUnknown,
           fmt::format("'width' and 'height' are missing and the image file {} {}; write the size into the "
                       "annotations or name the right image folder",
                       image->path.string(), reason));
    return false;
  }

  void AddAnnotations() {
    const RawAnnotations& raw = raw_.annotations;
    dataset_.annotations.reserve(raw.size());
    annotation_ids_.Reserve(raw.size());
    auto good = raw.good.begin();
    auto odd = raw.odd.begin();
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (odd != raw.odd.end() && odd->index == i) {
        AddAnnotation(i, (odd++)->raw);
      } else {
        const auto segmentation = raw.segmentations[static_cast<std::size_t>(good - raw.good.begin())];
        AddGood(i, *good++, segmentation);
      }
    }
  }

  // Good in itself; it may yet have the id of another or refer to nothing.
  void AddGood(std::size_t index, const Annotation& annotation, std::size_t segmentation) {
    const auto id = static_cast<std::int64_t>(annotation.id);
    const auto image_id = static_cast<std::int64_t>(annotation.image_id);
    const auto category_id = static_cast<std::int64_t>(annotation.category_id);
    if (image_ids_.Contains(image_id) && category_ids_.Contains(category_id) && annotation_ids_.Insert(id)) {
      Add(annotation, segmentation);
      return;
    }
    const auto value = [](std::int64_t number) {
      return RawValue{Kind::kInteger, number, static_cast<double>(number)};
    };
    RawAnnotation raw;
    raw.is_object = true;
    raw.id = value(id);
    raw.image_id = value(image_id);
    raw.category_id = value(category_id);
    raw.bbox = {{Kind::kArray, 0, 0}, 4, {value(0), value(0), value(0), value(0)}};
    AddAnnotation(index, raw);  // Says what is wrong.
  }

  void AddAnnotation(std::size_t index, const RawAnnotation& raw) {
    place_ = {kAnnotations, index, {}, {}};
    if (!RequireObject(raw.is_object)) return;
    const auto id = OwnId(raw.id, &annotation_ids_);
    const auto image_id =
        Reference("image_id", raw.image_id, "image", image_ids_, FindingKind::kUnknownImage);
    place_.image_id = image_id;
    const auto category_id =
        Reference("category_id", raw.category_id, "category", category_ids_, FindingKind::kUnknownCategory);
    const auto box = ReadBox(raw.bbox);
    if (!id || !image_id || !category_id || !box) return;
    Annotation annotation{
        AnnotationId{*id}, ImageId{*image_id}, CategoryId{*category_id}, *box, box->area(), false,
        raw.ignore};
    if (!ReadArea(raw.area, &annotation.area) || !ReadCrowd(raw.iscrowd, &annotation.crowd)) return;
    Add(annotation, raw.segmentation);
  }

  void Add(const Annotation& annotation, std::size_t segmentation) {
    dataset_.annotations.push_back(annotation);
    if (segmentations_ != nullptr) segmentations_->push_back(segmentation);
  }

  std::optional<std::int64_t> Reference(const char* key, const RawValue& value, const char* what,
                                        const IdSet& known, FindingKind kind) {
    const auto id = ReadId(key, value);
    if (!id || known.Contains(*id)) return id;
    std::string range = ", the file has none";
    if (known.size() > 0) {
      range = fmt::format("; the file has {} of them, ids {} to {}", known.size(), known.lowest(),
                          known.highest());
    }
    Report(kind, fmt::format("'{}' is {}, but there is no {} with this id{}", key, *id, what, range));
    return std::nullopt;
  }

  std::optional<Box> ReadBox(const RawBox& raw) {
    static constexpr char kShape[] = "four numbers [x, y, width, height]";
    if (raw.whole.missing()) {
      Report(FindingKind::kMissingKey, fmt::format("the key 'bbox' is missing; it holds {}", kShape));
      return std::nullopt;
    }
    const auto invalid = [&](const std::string& message) -> std::optional<Box> {
      Report(FindingKind::kBoxInvalid, message);
      return std::nullopt;
    };
    if (raw.whole.kind != Kind::kArray) {
      return invalid(fmt::format("'bbox' must be {}, got {}", kShape, raw_.Describe(raw.whole)));
    }
    if (raw.size != 4) return invalid(fmt::format("'bbox' must be {}, got {} elements", kShape, raw.size));
    for (std::size_t i = 0; i < 4; ++i) {
      const RawValue& number = raw.numbers[i];
      if (number.is_number() && std::isfinite(number.number)) continue;
      return invalid(fmt::format("'bbox' must be {}, but [{}] is {}", kShape, i, raw_.Describe(number)));
    }
    const Box box{raw.numbers[0].number, raw.numbers[1].number, raw.numbers[2].number, raw.numbers[3].number};
    if (box.w < 0 || box.h < 0) {
      return invalid(
          fmt::format("'bbox' has the negative size {} x {}; width and height are at least 0 "
                      "(is it [x1, y1, x2, y2]?)",
                      box.w, box.h));
    }
    return box;
  }

  bool ReadArea(const RawValue& value, double* area) {
    if (value.missing()) return true;
    if (value.is_number() && std::isfinite(value.number) && value.number >= 0) {
      *area = value.number;
      return true;
    }
    Report(
        FindingKind::kWrongType,
        fmt::format("'area' must be a number of square pixels of at least 0, got {}", raw_.Describe(value)));
    return false;
  }

  bool ReadCrowd(const RawValue& value, bool* crowd) {
    if (value.missing()) return true;
    const auto number = value.kind == Kind::kBool ? std::optional(value.integer) : AsInteger(value);
    if (number && (*number == 0 || *number == 1)) {
      *crowd = *number == 1;
      return true;
    }
    Report(FindingKind::kWrongType, fmt::format("'iscrowd' must be 0 or 1, got {}", raw_.Describe(value)));
    return false;
  }

  static constexpr char kImages[] = "images";
  static constexpr char kCategories[] = "categories";
  static constexpr char kAnnotations[] = "annotations";

  const RawCoco& raw_;
  std::filesystem::path image_folder_;
  const ProblemHandler& on_problem_;
  std::vector<std::size_t>* segmentations_;  // Nullptr: not asked for.
  Dataset dataset_;
  Place place_;
  IdSet image_ids_;
  IdSet category_ids_;
  IdSet annotation_ids_;
  std::unordered_set<std::string> category_names_;
};

// "segmentation": [], as tools for boxes write it.
bool IsEmptyList(JsonScanner scanner) {
  if (!scanner.NextIs('[')) return false;
  scanner.BeginArray();
  return !scanner.NextElement();
}

// The masks of the dataset's annotations, made of what stands in the file at `segmentations`.
std::vector<Mask> ReadMasks(const RawCoco& raw, const Dataset& dataset,
                            const std::vector<std::size_t>& segmentations, const CocoOptions& options) {
  constexpr std::size_t kBatch = 256;  // Annotations a task.
  std::unordered_map<std::int64_t, const Image*> images;
  for (const Image& image : dataset.images) images.emplace(static_cast<std::int64_t>(image.id), &image);
  const JsonScanner scanner(raw.file);
  std::vector<Mask> masks(segmentations.size());
  const auto refuse = [&](const Error& error) {
    if (!options.on_bad_mask) throw error;
    options.on_bad_mask(error);
  };
  const auto read = [&](std::size_t i) {
    const Annotation& annotation = dataset.annotations[i];
    const std::string id = fmt::format("the annotation of id {}", static_cast<std::int64_t>(annotation.id));
    if (options.masks_may_lack &&
        (segmentations[i] == 0 || IsEmptyList(scanner.AtElement(segmentations[i])))) {
      return;
    }
    if (segmentations[i] == 0) {
      throw Error(ErrorKind::kData, id + " has no 'segmentation'; masks cannot be scored", raw.file.name());
    }
    const Image& image = *images.at(static_cast<std::int64_t>(annotation.image_id));
    JsonScanner at = scanner.AtElement(segmentations[i]);
    try {
      masks[i] = MakeMask(ReadSegmentation(at), image.height, image.width);
    } catch (const JsonFault& fault) {
      refuse(Located(fault, raw.file.text(), raw.file.name()));
    } catch (const Error& error) {
      const std::string path = JsonPath(raw.file.text(), segmentations[i]);
      refuse(Error(ErrorKind::kData, error.message(), raw.file.name() + ": " + path));
    }
  };
  ParallelFor((masks.size() + kBatch - 1) / kBatch, options.elements.threads, [&](std::size_t batch) {
    const std::size_t begin = batch * kBatch, end = std::min(begin + kBatch, masks.size());
    for (std::size_t i = begin; i < end; ++i) read(i);
    raw.file.Drop(segmentations[begin], segmentations[end - 1]);
  });
  return masks;
}

}  // namespace

Dataset AssembleCoco(const RawCoco& raw, const std::filesystem::path& image_folder,
                     const ProblemHandler& on_problem, std::vector<std::size_t>* segmentations) {
  return Assembler(raw, image_folder, on_problem, segmentations).Run();
}

Dataset ReadCoco(const std::filesystem::path& file, const std::filesystem::path& image_folder, int threads) {
  return ReadCoco(TextFile::Open(file), image_folder, {.elements = {.threads = threads}});
}

Dataset ReadCoco(TextFile file, const std::filesystem::path& image_folder, const CocoOptions& options) {
  const RawCoco raw = ParseRawCoco(std::move(file), options.elements);
  std::vector<std::size_t> segmentations;
  const auto fail = [](const Finding& problem) {
    throw Error(ErrorKind::kData, problem.message, problem.file);
  };
  Dataset dataset = AssembleCoco(raw, image_folder, fail, &segmentations);
  if (options.masks) dataset.masks = ReadMasks(raw, dataset, segmentations, options);
  if (options.extras) ReadExtras(raw.file, &dataset);
  return dataset;
}

}  // namespace yoake::datasets
