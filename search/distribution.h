#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace yoake {
class JsonReader;
}

namespace yoake::search {

// One choice of a categorical parameter: what JSON and Optuna allow (null, bool, int, float, string).
using Choice = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct FloatDistribution {
  double low = 0;
  double high = 1;             // Included.
  bool log = false;            // Natural-log-uniform; low > 0.
  std::optional<double> step;  // Values low, low+step, ..; not with log.
  friend bool operator==(const FloatDistribution&, const FloatDistribution&) = default;
};

struct IntDistribution {
  std::int64_t low = 0;
  std::int64_t high = 1;  // Included.
  bool log = false;       // low >= 1; not with step > 1.
  std::int64_t step = 1;
  friend bool operator==(const IntDistribution&, const IntDistribution&) = default;
};

struct CategoricalDistribution {
  std::vector<Choice> choices;  // At least one, all different.
  friend bool operator==(const CategoricalDistribution&, const CategoricalDistribution&) = default;
};

using Distribution = std::variant<FloatDistribution, IntDistribution, CategoricalDistribution>;

// A parameter's value in Optuna's internal form: a float as it is (a log one not logged), an int as a double,
// a categorical as the index of its choice.
struct Param {
  Distribution distribution;
  double internal = 0;
};

// Name -> value; names are dotted paths of the training configuration ("optimizer.lr").
using ParamSet = std::map<std::string, Param>;

// Throws Error{kConfig} when low > high, log with low <= 0, a step <= 0, log with a step, no choices, a
// choice twice, a number that is not finite or an int beyond 2^53.
void Validate(const Distribution& distribution);

// True when only one value is possible.
bool IsSingle(const Distribution& distribution);

// Whether `internal` is one of the distribution's values (a float may be off its grid by 1e-8 of a step).
bool Contains(const Distribution& distribution, double internal);

// A float or int distribution by its numbers.
struct NumericRange {
  double low = 0;
  double high = 1;  // Included; with a step the last value of the grid.
  bool log = false;
  double step = 0;  // 0: continuous. An int's is at least 1.
};

// nullopt for a categorical distribution.
std::optional<NumericRange> AsNumeric(const Distribution& distribution);

// The value of the range nearest to `x`: clipped, and on the grid when there is one. NaN gives `low`.
double Snap(const NumericRange& range, double x);

// null, true, 3, 0.5 or "adam". FromJson throws Error{kConfig} for an array, an object or an int beyond 64
// bits.
nlohmann::json ToJson(const Choice& choice);
Choice ChoiceFromJson(const nlohmann::json& json);

// The value a person sees: 0.01, 16, "FocalLoss", and back. Both throw Error{kConfig} for a value outside the
// distribution. A choice is found by type and value first, then by number (1 finds 1.0).
nlohmann::json ExternalValue(const Param& param);
Param FromExternal(const Distribution& distribution, const nlohmann::json& value);
nlohmann::json ExternalValues(const ParamSet& params);  // {"optimizer.lr": 0.01, ...}

// The design's form: {"type":"float","low":..,"high":..,"log":..,"step":..}, {"type":"int",..},
// {"type":"categorical","choices":[..]}. A `high` off the grid of low and step becomes the grid's last value,
// as in Optuna. Does not call reader.Finish(): "when" belongs to the space.
Distribution ParseDistribution(const JsonReader& reader);

// Optuna's form, byte for byte: {"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05,
// ...}}. Reading throws Error{kStorage}; it also knows the names Optuna wrote before 3.0
// (LogUniformDistribution, IntUniformDistribution, ..).
std::string ToOptunaJson(const Distribution& distribution);
Distribution FromOptunaJson(const std::string& text);

}  // namespace yoake::search
