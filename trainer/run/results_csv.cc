#include "trainer/run/results_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"

namespace yoake::trainer {
namespace {

// The three learning rates are those of ultralytics' three parameter groups; ours are always equal.
constexpr char kHeader[] =
    "epoch,time,train/box_loss,train/obj_loss,train/cls_loss,train/l1_loss,metrics/precision(B),"
    "metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),lr/pg0,lr/pg1,lr/pg2,balance/box,balance/obj,"
    "balance/cls,balance/l1,speed/images_per_s,memory/peak_rss_mb,memory/peak_gpu_mb";
constexpr std::size_t kCsvColumns = 20;
constexpr std::size_t kOldestColumns = 13;  // Versions only ever appended columns.

std::string Cell(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : ""; }

std::optional<double> Number(const std::string& cell) {
  if (cell.empty()) return std::nullopt;
  return std::strtod(cell.c_str(), nullptr);
}

EpochRow ParseRow(const std::string& line, std::size_t columns, const std::string& where) {
  std::vector<std::string> cells;
  std::size_t begin = 0;
  for (std::size_t comma = 0; comma != std::string::npos; begin = comma + 1) {
    comma = line.find(',', begin);
    cells.push_back(line.substr(begin, comma - begin));
  }
  if (cells.size() != columns) {
    throw Error(ErrorKind::kData, fmt::format("expected {} columns, got {}", columns, cells.size()), where);
  }
  cells.resize(kCsvColumns);
  EpochRow row;
  row.epoch = std::atoi(cells[0].c_str());
  row.seconds = Number(cells[1]).value_or(0);
  row.box_loss = Number(cells[2]).value_or(0);
  row.obj_loss = Number(cells[3]).value_or(0);
  row.cls_loss = Number(cells[4]).value_or(0);
  row.l1_loss = Number(cells[5]).value_or(0);
  row.precision = Number(cells[6]);
  row.recall = Number(cells[7]);
  row.map50 = Number(cells[8]);
  row.map50_95 = Number(cells[9]);
  row.lr = Number(cells[10]).value_or(0);
  row.box_share = Number(cells[13]);
  row.obj_share = Number(cells[14]);
  row.cls_share = Number(cells[15]);
  row.l1_share = Number(cells[16]);
  row.images_per_s = Number(cells[17]);
  row.peak_rss_mb = Number(cells[18]);
  row.peak_gpu_mb = Number(cells[19]);
  return row;
}

}  // namespace

void WriteResultsCsv(const std::filesystem::path& path, const std::vector<EpochRow>& rows) {
  std::string text = std::string(kHeader) + "\n";
  for (const EpochRow& row : rows) {
    text +=
        fmt::format("{},{:.3f},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", row.epoch,
                    row.seconds, row.box_loss, row.obj_loss, row.cls_loss, row.l1_loss, Cell(row.precision),
                    Cell(row.recall), Cell(row.map50), Cell(row.map50_95), row.lr, row.lr, row.lr,
                    Cell(row.box_share), Cell(row.obj_share), Cell(row.cls_share), Cell(row.l1_share),
                    Cell(row.images_per_s), Cell(row.peak_rss_mb), Cell(row.peak_gpu_mb));
  }
  WriteFileAtomically(path, text);
}

std::vector<EpochRow> ReadResultsCsv(const std::filesystem::path& path) {
  std::vector<EpochRow> rows;
  if (!std::filesystem::exists(path)) return rows;
  std::istringstream lines(ReadFile(path));
  std::string line;
  std::getline(lines, line);
  const auto columns = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
  if (columns < kOldestColumns || !(std::string(kHeader) + ",").starts_with(line + ",")) {
    throw Error(ErrorKind::kData, "not a results.csv of yoake: other columns", path.string());
  }
  for (int number = 2; std::getline(lines, line); ++number) {
    rows.push_back(ParseRow(line, columns, fmt::format("{}: line {}", path.string(), number)));
  }
  return rows;
}

}  // namespace yoake::trainer
