#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"

namespace yoake::metrics {

// One line of the per-category table. Absent = undefined (pycocotools' -1): no truth of that kind.
struct CategoryRow {
  datasets::CategoryId category_id{};
  std::string category;
  std::optional<double> mAP, mAP_50, mAP_75, mAP_s, mAP_m, mAP_l;
  std::optional<double> AR_1, AR_10, AR_100, AR_s, AR_m, AR_l;
  int n_gt = 0;  // Truth boxes that count (crowds do not).
  int n_crowd = 0;
  int n_dt = 0;  // Detections given, before the cut at max_detections.
};

// The 12 numbers of COCO's summary, means over the categories (and IoU thresholds) where they are defined.
struct CocoStats {
  std::optional<double> AP, AP50, AP75, APs, APm, APl;
  std::optional<double> AR1, AR10, AR100, ARs, ARm, ARl;
};

// pycocotools' eval arrays, C order, -1 where undefined.
struct CocoArrays {
  int thresholds = 0, recalls = 0, categories = 0, areas = 0, max_detections = 0;  // T, R, K, A, M.
  std::vector<double> precision;                                                   // [T, R, K, A, M]
  std::vector<double> scores;                                                      // [T, R, K, A, M]
  std::vector<double> recall;                                                      // [T, K, A, M]
};

// A column beside the twelve, which own thresholds, areas or limits ask for.
struct ExtraColumn {
  std::string name;
  std::optional<double> all;
  std::vector<std::optional<double>> per_category;  // As EvalResult::per_category.
};

// What computing something as it was meant did to columns of the whole set (corrected_eval.h).
struct Correction {
  struct Change {
    std::string column;
    std::optional<double> before, after;
  };
  std::string what;
  std::vector<Change> changes;
};

struct EvalResult {
  CocoStats stats;
  std::vector<CategoryRow> per_category;  // Ascending category id.
  std::vector<ExtraColumn> extra;
  CocoArrays arrays;
  std::vector<std::string> warnings;          // Where the reference's answer misleads, in plain words.
  double lowest_iou = .5, highest_iou = .95;  // The ends of the thresholds that mAP and AR are means over.
  int most_detections = 100;                  // The limit AP and AR_s/m/l are taken at.
  std::vector<Correction> corrections;        // In the order made; those that changed nothing are left out.
};

// The value of a table column by name: "mAP", "mAP_50", ..., "AR_100" of the whole set, or of one category as
// "person.mAP_50". Throws Error{kUsage} with a did-you-mean for an unknown category or column; absent when
// undefined.
std::optional<double> MetricByName(const EvalResult& result, std::string_view name);

// A column of one row; Error{kUsage} as above.
std::optional<double> MetricOfCategory(const CategoryRow& row, std::string_view column);

// COCO's twelve column names, in table order.
const std::vector<std::string>& MetricNames();

// Those and the extra ones: what MetricByName knows of this result.
std::vector<std::string> ColumnNames(const EvalResult& result);

// Sets one of the twelve by its name, or adds an extra one.
void SetColumn(ExtraColumn column, EvalResult* result);

// The JSON of `yoake eval --format json` (design: stats, per_category, warnings); undefined is null. The
// arrays are not part of it. Extra columns stand beside the twelve; "corrections" where any were made. Only
// the twelve and the warnings are read back.
nlohmann::json ToJson(const EvalResult& result);
EvalResult EvalResultFromJson(const nlohmann::json& json, const std::string& source);

}  // namespace yoake::metrics
