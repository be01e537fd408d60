#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/comparison_tables.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/regression.h"
#include "reports/table.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMaxNames = 5;

// The checks of one verdict with their changes, the first few by name.
std::string Names(const GateResult& result, Verdict verdict) {
  std::string names;
  std::size_t count = 0;
  for (const GateCheck& check : result.checks) {
    if (!check.counted || check.verdict != verdict || ++count > kMaxNames) continue;
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", check.name, DeltaText(check.delta));
  }
  return count > kMaxNames ? fmt::format("{} and {} more", names, count - kMaxNames) : names;
}

// How many units would let every inconclusive check tell; absent when none can say.
std::optional<std::size_t> MostNeeded(const GateResult& result) {
  std::optional<std::size_t> most;
  for (const GateCheck& check : result.checks) {
    if (!check.counted || check.verdict != Verdict::kInconclusive || !check.units_needed) continue;
    most = std::max(most.value_or(0), *check.units_needed);
  }
  return most;
}

// "bus.mAP (-0.100, 4 boxes in 3 images)" of the checks of too little truth; empty without one.
std::string FewSentence(const GateResult& result, bool counted, const char* start) {
  std::string names;
  for (const GateCheck& check : result.checks) {
    if (!check.few || check.counted != counted) continue;
    names += fmt::format("{}{} ({}, {} {} in {})", names.empty() ? "" : ", ", check.name,
                         DeltaText(check.delta), check.truth.boxes, check.truth.boxes == 1 ? "box" : "boxes",
                         CountText(check.truth.units, result.grouped ? "group" : "image"));
  }
  return names.empty() ? "" : start + names + ".";
}

std::string Decision(const GateResult& result) {
  switch (result.verdict) {
    case Verdict::kPass:
      return "Pass: no check dropped by more than allowed.";
    case Verdict::kRegression:
      return "Regression: dropped by more than allowed: " + Names(result, Verdict::kRegression) + ".";
    case Verdict::kInconclusive:
      break;
  }
  const std::string unit = result.grouped ? "group" : "image";
  std::string text =
      fmt::format("Inconclusive: {} {} too few to tell about {}.", CountText(result.units, unit),
                  result.units == 1 ? "is" : "are", Names(result, Verdict::kInconclusive));
  if (const auto needed = MostNeeded(result)) {
    text += fmt::format(" About {} would show, with a power of 80 %, that an unchanged model passes.",
                        CountText(*needed, unit));
  }
  return text;
}

std::string Note(const GateResult& result) {
  const std::string how =
      result.paired ? "Paired with the baseline image by image"
                    : "A floor check: the baseline is plain numbers, so nothing is paired and only the "
                      "candidate's own noise is known";
  const auto counted = std::count_if(result.checks.begin(), result.checks.end(),
                                     [](const GateCheck& check) { return check.counted; });
  return fmt::format("{}; one-sided tests at {:g}, Holm over {}; {:g} % intervals.", how,
                     result.options.alpha, CountText(static_cast<std::size_t>(counted), "check"),
                     100 * GateConfidence(result.options));
}

std::string Headline(const GateResult& result) {
  return Decision(result) +
         FewSentence(result, false, " Not counted, having too little truth for an honest interval: ") +
         FewSentence(result, true, " Too little truth for an honest interval: ");
}

std::string VerdictText(const GateCheck& check) {
  return std::string(ToString(check.verdict)) + (check.counted ? "" : " (few, not counted)");
}

Table Checks(const GateResult& result) {
  Table table;
  table.columns = {{"check", Align::kLeft},
                   {"boxes"},
                   {result.paired ? "baseline" : "floor"},
                   {"candidate"},
                   {"change"},
                   {"interval"},
                   {"allowed"},
                   {"p (Holm)"},
                   {"verdict", Align::kLeft}};
  for (const GateCheck& check : result.checks) {
    table.rows.push_back({check.name, std::to_string(check.truth.boxes), MetricText(check.baseline),
                          MetricText(check.candidate), DeltaText(check.delta), IntervalText(check.interval),
                          DeltaText(-check.allowed), ProbabilityText(check.p_holm), VerdictText(check)});
  }
  return table;
}

}  // namespace

std::string GateText(const GateResult& result) {
  return Headline(result) + "\n\n" + ToText(Checks(result)) + "\n" + Note(result) + "\n";
}

std::string GateMarkdown(const GateResult& result) {
  return Heading(2, std::string("yoake check: ") + ToString(result.verdict)) +
         Paragraph(EscapeMarkdown(Headline(result))) + ToMarkdown(Checks(result)) + "\n" +
         Paragraph(EscapeMarkdown(Note(result)));
}

nlohmann::json GateJson(const GateResult& result) {
  nlohmann::json checks = nlohmann::json::array();
  for (const GateCheck& check : result.checks) {
    checks.push_back({{"name", check.name},
                      {"baseline", check.baseline},
                      {"candidate", check.candidate},
                      {"delta", check.delta},
                      {"ci_low", check.interval.low},
                      {"ci_high", check.interval.high},
                      {"allowed", check.allowed},
                      {"verdict", ToString(check.verdict)},
                      {"p", check.p},
                      {"p_holm", check.p_holm},
                      {"boxes", check.truth.boxes},
                      {"units", check.truth.units},
                      {"few", check.few},
                      {"counted", check.counted},
                      {"standard_error", check.interval.standard_error},
                      {"images_needed", check.units_needed ? nlohmann::json(*check.units_needed) : nullptr}});
  }
  return {{"verdict", ToString(result.verdict)},
          {"mode", result.paired ? "paired" : "floor"},
          {"images", result.units},
          {"alpha", result.options.alpha},
          {"metric", result.options.metric},
          {"message", Headline(result)},
          {"checks", std::move(checks)}};
}

}  // namespace yoake::reports
