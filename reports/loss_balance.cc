#include <fmt/format.h>

#include "reports/combinations.h"
#include "reports/markdown.h"
#include "reports/number_text.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

constexpr double kDrowns = 0.9;
constexpr double kVanishes = 0.02;

struct Term {
  const char* key;   // In an epoch's metrics: "share_" + key.
  const char* name;  // For people.
};
constexpr Term kTerms[] = {{"bbox", "boxes"}, {"obj", "objectness"}, {"cls", "classes"}, {"l1", "L1"}};

// Of the first and the last epoch that looked; L1 is there in the last ones only.
struct Shares {
  std::optional<double> first;
  std::optional<double> last;
};

Shares SharesOf(const TrialResult& trial, const Term& term) {
  Shares shares;
  for (const CurvePoint& point : trial.curve) {
    const auto found = point.metrics.find(std::string("share_") + term.key);
    if (found == point.metrics.end() || !found->second) continue;
    if (!shares.first) shares.first = found->second;
    shares.last = found->second;
  }
  return shares;
}

std::string SharesText(const Shares& shares) {
  if (!shares.first) return "";
  return fmt::format("{:.2f} → {:.2f}", *shares.first, *shares.last);
}

// What stands out, and the key that changes it.
std::string Remark(const TrialResult& trial) {
  std::string remarks;
  const auto add = [&](const std::string& remark) { remarks += (remarks.empty() ? "" : "; ") + remark; };
  for (const Term& term : kTerms) {
    const Shares shares = SharesOf(trial, term);
    if (!shares.first) continue;
    const double share = (*shares.first + *shares.last) / 2;
    if (share > kDrowns)
      add(fmt::format("{} drown the rest: lower loss.{}.loss_weight", term.name, term.key));
    if (share < kVanishes)
      add(fmt::format("{} hardly count: raise loss.{}.loss_weight", term.name, term.key));
  }
  return remarks;
}

}  // namespace

std::string LossBalanceSection(const StudyResults& results) {
  Table table{{{"variant", Align::kLeft}, {"trial"}}, {}};
  for (const Term& term : kTerms) table.columns.push_back({term.name});
  table.columns.push_back({"remark", Align::kLeft});
  for (const Combination& combination : FinishedCombinations(results)) {
    const TrialResult& trial = *combination.best;
    if (!SharesOf(trial, kTerms[0]).first) continue;
    std::vector<Cell> row = {combination.label, std::to_string(trial.number)};
    for (const Term& term : kTerms) row.emplace_back(SharesText(SharesOf(trial, term)));
    row.emplace_back(Remark(trial));
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return "";
  return Heading(2, "Loss balance") +
         Paragraph(
             "What each term of the loss pulls with at the features that all terms share, as a share of the "
             "sum: first → last measured epoch of each variant's best trial.") +
         ToMarkdown(table) + "\n";
}

}  // namespace yoake::reports
