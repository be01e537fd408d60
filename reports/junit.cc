#include "reports/junit.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/xml.h"
#include "reports/comparison_tables.h"
#include "reports/number_text.h"

namespace yoake::reports {
namespace {

std::string Message(const GateCheck& check) {
  std::string text = fmt::format("{} to {}: change {} ({}), allowed {}", MetricText(check.baseline),
                                 MetricText(check.candidate), DeltaText(check.delta),
                                 IntervalText(check.interval), DeltaText(-check.allowed));
  if (check.few) {
    text += fmt::format("; {} boxes in {} images are too few for an honest interval{}", check.truth.boxes,
                        check.truth.units, check.counted ? "" : ", not counted");
  } else if (check.verdict == Verdict::kInconclusive && check.units_needed) {
    text += fmt::format("; too few images to tell, about {} would do", *check.units_needed);
  }
  return EscapeXml(text);  // For an attribute and, as GitLab shows only that, for the text.
}

std::string Case(const GateCheck& check) {
  const std::string open =
      fmt::format("    <testcase classname=\"yoake.check\" name=\"{}\" time=\"0\"", EscapeXml(check.name));
  switch (check.verdict) {
    case Verdict::kPass:
      return open + "/>\n";
    case Verdict::kRegression:
      return fmt::format(
          "{}>\n      <failure message=\"{}\" type=\"regression\">{}</failure>\n    </testcase>\n", open,
          Message(check), Message(check));
    case Verdict::kInconclusive:
      break;
  }
  return fmt::format("{}>\n      <skipped message=\"{}\">{}</skipped>\n    </testcase>\n", open,
                     Message(check), Message(check));
}

}  // namespace

std::string GateJUnit(const GateResult& result) {
  const auto count = [&](Verdict verdict) {
    return std::count_if(result.checks.begin(), result.checks.end(),
                         [&](const GateCheck& check) { return check.verdict == verdict; });
  };
  const std::string counts =
      fmt::format("name=\"yoake check\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"0\"",
                  result.checks.size(), count(Verdict::kRegression));
  std::string cases;
  for (const GateCheck& check : result.checks) cases += Case(check);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite {} skipped=\"{}\">\n{}  "
      "</testsuite>\n</testsuites>\n",
      counts, counts, count(Verdict::kInconclusive), cases);
}

}  // namespace yoake::reports
