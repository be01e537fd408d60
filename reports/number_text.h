#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace yoake::reports {

// How a report writes numbers. The decimal point is always '.', whatever the locale.

// A metric: three decimals; "nan" when undefined, "inf" and "-inf"; never "-0.000".
std::string MetricText(std::optional<double> value);

// A difference of two metrics: "+0.012", "-0.300", "+0.000"; "nan" when one of them is undefined.
std::string DeltaText(std::optional<double> value);

// An estimate with its standard error: "0.412 ± 0.006"; the estimate alone where there is none.
std::string EstimateText(std::optional<double> estimate, std::optional<double> standard_error);

// Full precision: the shortest text that reads back as the same double; "nan" when undefined.
std::string ExactText(std::optional<double> value);

// A hyperparameter in a table: at most four significant digits, strings bare, everything else as JSON.
std::string ParamText(const nlohmann::json& value);

// "45 s", "12 min 5 s", "3 h 20 min"; below 10 s one decimal ("0.1 s"); "unknown" when absent.
std::string DurationText(std::optional<double> seconds);

// "1 trial", "3 trials".
std::string CountText(std::size_t count, const std::string& noun);

}  // namespace yoake::reports
