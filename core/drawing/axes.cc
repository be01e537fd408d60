#include "core/drawing/axes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace yoake {
namespace {

constexpr char kGrid[] = "#e3e6ea";
constexpr char kAxis[] = "#8c959f";
constexpr char kLabel[] = "#57606a";

// The smallest of 1, 2, 5 x 10^k that is at least `raw`.
double NiceStep(double raw) {
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::vector<double> Ticks::Values() const {
  std::vector<double> values;
  const auto first = std::llround(std::ceil(low / step - 1e-9));
  const auto last = std::llround(std::floor(high / step + 1e-9));
  for (auto i = first; i <= last; ++i) values.push_back(static_cast<double>(i) * step);
  return values;
}

std::string Ticks::Label(double value) const {
  if (std::abs(value) >= 1e6 || step < 1e-6) return fmt::format("{:.3g}", value);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  const std::string label = fmt::format("{:.{}f}", value, decimals);
  return label.find_first_not_of("-0.") == std::string::npos && label.front() == '-' ? label.substr(1)
                                                                                     : label;
}

Ticks NiceTicks(double low, double high, int count, bool whole) {
  if (whole) {
    if (high <= low) return {low - 1, low + 1, 1};
    return {low, high, std::max(1.0, NiceStep((high - low) / count))};
  }
  if (low > 0 && low < 0.5 * high) low = 0;
  if (high - low < 1e-9 * std::max(1.0, std::abs(high))) {
    const double margin = std::max(0.05, 0.1 * std::abs(high));
    low -= margin;
    high += margin;
  }
  const double step = NiceStep((high - low) / count);
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

Point Axes::At(double x_value, double y_value) const {
  return {left + (x_value - x.low) / (x.high - x.low) * width,
          top + (y.high - y_value) / (y.high - y.low) * height};
}

void Axes::Draw(Svg* svg, const std::string& x_title, const std::string& y_title, bool x_labels,
                bool y_labels) const {
  const double bottom = top + height;
  for (const double value : y.Values()) {
    const double at = At(x.low, value).y;
    svg->Line({left, at}, {left + width, at}, {kGrid, 1, "", 1});
    if (y_labels) svg->Text({left - 7, at + 4}, y.Label(value), {11, "end", kLabel, false, 0});
  }
  for (const double value : x.Values()) {
    const double at = At(value, y.low).x;
    svg->Line({at, bottom}, {at, bottom + 4}, {kAxis, 1, "", 1});
    if (x_labels) svg->Text({at, bottom + 17}, x.Label(value), {11, "middle", kLabel, false, 0});
  }
  svg->Line({left, bottom}, {left + width, bottom}, {kAxis, 1, "", 1});
  if (!x_title.empty()) {
    svg->Text({left + width / 2, bottom + 35}, x_title, {12, "middle", kLabel, false, 0});
  }
  if (!y_title.empty()) {
    svg->Text({left - 44, top + height / 2}, y_title, {12, "middle", kLabel, false, -90});
  }
}

void Axes::DrawForRows(Svg* svg, const std::string& x_title) const {
  const double bottom = top + height;
  for (const double value : x.Values()) {
    const double at = At(value, 0).x;
    svg->Line({at, top}, {at, bottom}, {value == 0 ? kAxis : kGrid, 1, "", 1});
    svg->Text({at, bottom + 17}, x.Label(value), {11, "middle", kLabel, false, 0});
  }
  if (!x_title.empty()) {
    svg->Text({left + width / 2, bottom + 35}, x_title, {12, "middle", kLabel, false, 0});
  }
}

}  // namespace yoake
