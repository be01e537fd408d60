#include <fmt/format.h>

#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

Table DatasetTable(const std::vector<DatasetRecord>& datasets) {
  Table table{{{"role", Align::kLeft}, {"variant", Align::kLeft}, {"name", Align::kLeft}}, {}};
  for (const char* title : {"images", "boxes"}) table.columns.push_back({title});
  for (const char* title : {"file", "SHA-256"}) table.columns.push_back({title, Align::kLeft});
  const auto count = [](const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "";
  };
  for (const DatasetRecord& record : datasets) {
    table.rows.push_back({record.role, record.variant, record.name, count(record.images),
                          count(record.annotations), record.file, record.sha256});
  }
  return table;
}

std::string SlotsText(const Provenance& provenance) {
  std::string text;
  for (const std::string& slot : provenance.slots) text += (text.empty() ? "" : ", ") + slot;
  return text;
}

// How much of the slots' time the trials filled; empty when it cannot be known.
std::string UseText(const StudyResults& results) {
  double busy = 0;
  for (const TrialResult& trial : results.trials) busy += trial.seconds.value_or(0);
  std::string text = DurationText(busy);
  const auto& wall = results.provenance.wall_seconds;
  const double offered = wall.value_or(0) * static_cast<double>(results.provenance.slots.size());
  if (offered > 0 && busy <= offered * 1.01)
    text += fmt::format(" ({:.0f} % of the slots' time)", 100 * busy / offered);
  return text;
}

std::string IdleText(const Provenance& provenance) {
  if (!provenance.slot_idle_median_s) return "";
  return fmt::format("median {:.2f} s, longest {:.2f} s", *provenance.slot_idle_median_s,
                     provenance.slot_idle_max_s.value_or(*provenance.slot_idle_median_s));
}

}  // namespace

std::string ProvenanceSection(const StudyResults& results) {
  const Provenance& provenance = results.provenance;
  Table table{{{"what", Align::kLeft}, {"value", Align::kLeft}}, {}};
  const auto add = [&](const std::string& what, const std::string& value) {
    if (!value.empty()) table.rows.push_back({what, value});
  };
  add("yoake", provenance.yoake);
  add("trainer", provenance.trainer);
  add("metric", results.metric + ", " + search::ToString(results.direction) + "d");
  add("seed", provenance.seed ? std::to_string(*provenance.seed) : "");
  add("started", provenance.started);
  add("finished", provenance.finished);
  add("duration", provenance.wall_seconds ? DurationText(provenance.wall_seconds) : "");
  for (const std::string& reason : results.ended_early) add("ended early", reason);
  add("slots", SlotsText(provenance));
  if (!results.trials.empty()) add("trials' time", UseText(results));
  add("slot idle between trials", IdleText(provenance));
  std::string text = Heading(2, "Provenance") + ToMarkdown(table) + "\n";
  if (!provenance.command.empty()) text += CodeBlock("sh", provenance.command);
  if (!provenance.datasets.empty()) text += ToMarkdown(DatasetTable(provenance.datasets)) + "\n";
  return text;
}

}  // namespace yoake::reports
