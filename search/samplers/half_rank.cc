#include "search/samplers/half_rank.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/samplers/truncated_normal.h"

namespace yoake::search {
namespace {

void HalfRank(std::vector<double>* values) {
  std::vector<double> sorted = *values;
  std::sort(sorted.begin(), sorted.end());
  const double n = static_cast<double>(sorted.size());
  const double median = sorted[sorted.size() / 2];
  double squares = 0, count = 0;
  for (const double v : sorted) {
    if (v > median) break;
    squares += (v - median) * (v - median);
    ++count;
  }
  const double width = std::sqrt(squares / count);
  for (double& v : *values) {
    if (v <= median) continue;
    const auto rank = std::lower_bound(sorted.begin(), sorted.end(), v) - sorted.begin();
    const double above = 1 - (static_cast<double>(rank) + 0.5) / n;
    v = median - width * InverseLogNormalCdf(std::log(above));
  }
}

}  // namespace

void HalfRankAndStandardize(std::vector<double>* values) {
  if (values->empty()) return;
  HalfRank(values);
  const double n = static_cast<double>(values->size());
  const double mean = std::accumulate(values->begin(), values->end(), 0.0) / n;
  double squares = 0;
  for (const double v : *values) squares += (v - mean) * (v - mean);
  const double deviation = std::max(std::sqrt(squares / n), 1e-12);
  for (double& v : *values) v = (v - mean) / deviation;
}

}  // namespace yoake::search
