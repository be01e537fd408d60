#include "search/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/json_reader.h"

namespace yoake::search {
namespace {

constexpr std::int64_t kMaxInt = std::int64_t{1} << 53;  // Beyond it a double no longer holds every int.
constexpr double kGridTolerance = 1e-8;                  // Of a step, as in Optuna.

std::string Problem(const FloatDistribution& d) {
  if (!std::isfinite(d.low) || !std::isfinite(d.high)) return "'low' and 'high' must be finite numbers";
  if (d.low > d.high) return fmt::format("'low' {} must not be above 'high' {}", d.low, d.high);
  if (d.log && d.low <= 0) return fmt::format("'low' must be above 0 with \"log\": true, it is {}", d.low);
  if (d.log && d.step) return "'step' and \"log\": true exclude each other; leave one out";
  if (d.step && !(*d.step > 0 && std::isfinite(*d.step))) {
    return fmt::format("'step' must be above 0, it is {}", *d.step);
  }
  return "";
}

std::string Problem(const IntDistribution& d) {
  if (std::max(std::abs(d.low), std::abs(d.high)) > kMaxInt) return "'low' and 'high' must lie within +-2^53";
  if (d.low > d.high) return fmt::format("'low' {} must not be above 'high' {}", d.low, d.high);
  if (d.log && d.low < 1) return fmt::format("'low' must be at least 1 with \"log\": true, it is {}", d.low);
  if (d.step < 1) return fmt::format("'step' must be at least 1, it is {}", d.step);
  if (d.log && d.step != 1) return "'step' must be 1 with \"log\": true; leave one of them out";
  return "";
}

std::string Problem(const CategoricalDistribution& d) {
  if (d.choices.empty()) return "'choices' must hold at least one value";
  for (std::size_t i = 0; i < d.choices.size(); ++i) {
    const auto* number = std::get_if<double>(&d.choices[i]);
    if (number != nullptr && !std::isfinite(*number)) return "a choice must be a finite number";
    if (std::find(d.choices.begin() + static_cast<std::ptrdiff_t>(i) + 1, d.choices.end(), d.choices[i]) !=
        d.choices.end()) {
      return "the choice " + ToJson(d.choices[i]).dump() + " stands twice in 'choices'";
    }
  }
  return "";
}

std::string Problem(const Distribution& distribution) {
  return std::visit([](const auto& d) { return Problem(d); }, distribution);
}

// The last value of the grid low, low + step, .. that is not above `high`, without the dust of binary
// fractions (low 0, step 0.3, high 1 -> 0.9; Optuna computes it in decimal).
double LastOnGrid(double low, double high, double step) {
  const double count = std::floor((high - low) / step + kGridTolerance);
  const double last = low + count * step;
  if (std::abs(high - last) <= kGridTolerance * step) return high;
  return std::strtod(fmt::format("{:.15g}", last).c_str(), nullptr);
}

std::string Describe(const Distribution& distribution) {
  if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) {
    std::string text;
    for (const Choice& choice : d->choices) text += (text.empty() ? "" : ", ") + ToJson(choice).dump();
    return "one of " + text;
  }
  const NumericRange range = *AsNumeric(distribution);
  const bool is_int = std::holds_alternative<IntDistribution>(distribution);
  std::string text =
      fmt::format("{} from {} to {}", is_int ? "an integer" : "a number", range.low, range.high);
  if (range.step > (is_int ? 1 : 0)) text += fmt::format(" in steps of {}", range.step);
  return text;
}

[[noreturn]] void FailOutside(const Distribution& distribution, const std::string& value) {
  throw Error(ErrorKind::kConfig, "the value " + value + " must be " + Describe(distribution));
}

std::optional<double> AsNumber(const Choice& choice) {
  if (const auto* integer = std::get_if<std::int64_t>(&choice)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&choice)) return *number;
  return std::nullopt;
}

FloatDistribution ParseFloat(const JsonReader& reader) {
  FloatDistribution d;
  d.low = reader.At("low").AsDouble();
  d.high = reader.At("high").AsDouble();
  reader.Read("log", &d.log);
  reader.Read("step", &d.step);
  return d;
}

IntDistribution ParseInt(const JsonReader& reader) {
  IntDistribution d;
  d.low = reader.At("low").AsInt();
  d.high = reader.At("high").AsInt();
  reader.Read("log", &d.log);
  reader.Read("step", &d.step);
  return d;
}

CategoricalDistribution ParseCategorical(const JsonReader& reader) {
  CategoricalDistribution d;
  for (const JsonReader& choice : reader.At("choices").AsArray()) {
    if (choice.value().is_structured()) {
      choice.Fail(
          "a choice must be null, true, false, a number or a string; give structures a name and patch by it");
    }
    d.choices.push_back(ChoiceFromJson(choice.value()));
  }
  return d;
}

}  // namespace

void Validate(const Distribution& distribution) {
  if (const std::string problem = Problem(distribution); !problem.empty())
    throw Error(ErrorKind::kConfig, problem);
}

bool IsSingle(const Distribution& distribution) {
  if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) return d->choices.size() == 1;
  const NumericRange range = *AsNumeric(distribution);
  return range.low == range.high;
}

bool Contains(const Distribution& distribution, double internal) {
  if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) {
    return internal >= 0 && internal < static_cast<double>(d->choices.size()) &&
           internal == std::floor(internal);
  }
  const NumericRange range = *AsNumeric(distribution);
  if (!(internal >= range.low && internal <= range.high)) return false;
  if (range.step == 0) return true;
  const double k = (internal - range.low) / range.step;
  return std::abs(k - std::round(k)) < kGridTolerance;
}

std::optional<NumericRange> AsNumeric(const Distribution& distribution) {
  NumericRange range;
  if (const auto* f = std::get_if<FloatDistribution>(&distribution)) {
    range = {f->low, f->high, f->log, f->step.value_or(0)};
  } else if (const auto* i = std::get_if<IntDistribution>(&distribution)) {
    range = {static_cast<double>(i->low), static_cast<double>(i->high), i->log, static_cast<double>(i->step)};
  } else {
    return std::nullopt;
  }
  if (range.step > 0) range.high = LastOnGrid(range.low, range.high, range.step);
  return range;
}

double Snap(const NumericRange& range, double x) {
  if (std::isnan(x)) return range.low;
  x = std::clamp(x, range.low, range.high);
  if (range.step == 0) return x;
  return std::min(range.low + std::round((x - range.low) / range.step) * range.step, range.high);
}

nlohmann::json ToJson(const Choice& choice) {
  if (std::holds_alternative<std::monostate>(choice)) return nullptr;
  if (const auto* flag = std::get_if<bool>(&choice)) return *flag;
  if (const auto* integer = std::get_if<std::int64_t>(&choice)) return *integer;
  if (const auto* number = std::get_if<double>(&choice)) return *number;
  return std::get<std::string>(choice);
}

Choice ChoiceFromJson(const nlohmann::json& json) {
  const bool too_large = json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  if (json.is_structured() || too_large) {
    throw Error(ErrorKind::kConfig,
                "a choice must be null, true, false, a number of 64 bits or a string, not " + json.dump());
  }
  if (json.is_null()) return std::monostate{};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number_float()) return json.get<double>();
  return json.get<std::string>();
}

nlohmann::json ExternalValue(const Param& param) {
  if (!Contains(param.distribution, param.internal))
    FailOutside(param.distribution, fmt::to_string(param.internal));
  if (const auto* d = std::get_if<CategoricalDistribution>(&param.distribution)) {
    return ToJson(d->choices[static_cast<std::size_t>(param.internal)]);
  }
  if (std::holds_alternative<IntDistribution>(param.distribution))
    return static_cast<std::int64_t>(param.internal);
  return param.internal;
}

Param FromExternal(const Distribution& distribution, const nlohmann::json& value) {
  if (const auto* d = std::get_if<CategoricalDistribution>(&distribution)) {
    if (value.is_structured()) FailOutside(distribution, value.dump());
    const Choice wanted = ChoiceFromJson(value);
    const auto begin = d->choices.begin();
    auto found = std::find(begin, d->choices.end(), wanted);
    if (found == d->choices.end() && AsNumber(wanted)) {
      found = std::find_if(begin, d->choices.end(),
                           [&](const Choice& c) { return AsNumber(c) == AsNumber(wanted); });
    }
    if (found == d->choices.end()) FailOutside(distribution, value.dump());
    return {distribution, static_cast<double>(found - begin)};
  }
  if (!value.is_number() || !Contains(distribution, value.get<double>()))
    FailOutside(distribution, value.dump());
  return {distribution, value.get<double>()};
}

nlohmann::json ExternalValues(const ParamSet& params) {
  nlohmann::json values = nlohmann::json::object();
  for (const auto& [name, param] : params) values[name] = ExternalValue(param);
  return values;
}

Distribution ParseDistribution(const JsonReader& reader) {
  const JsonReader type = reader.At("type");
  const std::string name = type.AsString();
  Distribution distribution;
  if (name == "float") {
    distribution = ParseFloat(reader);
  } else if (name == "int") {
    distribution = ParseInt(reader);
  } else if (name == "categorical") {
    distribution = ParseCategorical(reader);
  } else {
    type.Fail("unknown type '" + name + "'" + DidYouMean(name, {"float", "int", "categorical"}));
  }
  if (const std::string problem = Problem(distribution); !problem.empty()) reader.Fail(problem);
  if (auto* f = std::get_if<FloatDistribution>(&distribution)) f->high = AsNumeric(distribution)->high;
  if (auto* i = std::get_if<IntDistribution>(&distribution)) i->high -= (i->high - i->low) % i->step;
  return distribution;
}

}  // namespace yoake::search
