#include "reports/eval_analyses.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "reports/markdown.h"
#include "reports/table.h"

namespace yoake::reports {
namespace {

std::string TextBlock(const NamedTable& table) {
  return "\n" + table.title + "\n" + (table.note.empty() ? "" : table.note + "\n") + "\n" +
         ToText(table.table);
}

std::string MarkdownBlock(const NamedTable& table) {
  return "\n" + Heading(3, table.title) + (table.note.empty() ? "" : Paragraph(EscapeMarkdown(table.note))) +
         ToMarkdown(table.table);
}

std::string CsvBlock(const NamedTable& table) { return "\n# " + table.name + "\n" + ToCsv(table.table); }

struct Form {
  const char* name;
  Detail detail;
  std::string (*block)(const NamedTable&);
};

constexpr Form kForms[] = {{"table", Detail::kReader, TextBlock},
                           {"markdown", Detail::kReader, MarkdownBlock},
                           {"csv", Detail::kMachine, CsvBlock}};

}  // namespace

const std::vector<Analysis>& Analyses() {
  static const std::vector<Analysis> analyses = {
      {"f1", "precision, recall, F1 and counts at a threshold and at the best one", MakeOperatingPointsView},
      {"confusion", "which category is taken for which", MakeConfusionView},
      {"errors", "why AP is not 1 (TIDE): kinds of errors and what mending each would gain", MakeErrorsView},
      {"calibration", "whether scores say how often a detection is right", MakeCalibrationView},
      {"images", "scores of each image, the worst listed", MakeImagesView},
      {"scores", "histograms of the scores of true and false positives", MakeScoresView},
  };
  return analyses;
}

void CheckAnalyses(const std::vector<std::string>& names) {
  std::vector<std::string> known = {"all"};
  for (const Analysis& analysis : Analyses()) known.push_back(analysis.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ErrorKind::kUsage, "unknown analysis '" + name + "'" + DidYouMean(name, known));
  }
}

std::vector<NamedView> Analyse(const metrics::AnalysisInput& input, const std::vector<std::string>& names) {
  CheckAnalyses(names);
  const auto asked = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<NamedView> views;
  for (const Analysis& analysis : Analyses()) {
    if (asked("all") || asked(analysis.name)) views.push_back({analysis.name, analysis.make(input)});
  }
  return views;
}

std::string RenderTables(const std::vector<NamedView>& views, const std::string& format) {
  const Form* form = std::find_if(std::begin(kForms), std::end(kForms),
                                  [&](const Form& each) { return each.name == format; });
  if (form == std::end(kForms)) throw Error(ErrorKind::kInternal, "no tables in the form " + format);
  std::string text;
  for (const NamedView& view : views) {
    for (const NamedTable& table : view.view->Tables(form->detail)) text += form->block(table);
  }
  return text;
}

nlohmann::json AnalysesJson(const std::vector<NamedView>& views) {
  nlohmann::json json = nlohmann::json::object();
  for (const NamedView& view : views) json[view.name] = view.view->Json();
  return json;
}

void WriteAnalyses(const std::vector<NamedView>& views, const std::filesystem::path& folder) {
  for (const NamedView& view : views) {
    for (const NamedTable& table : view.view->Tables(Detail::kMachine)) {
      WriteFileAtomically(folder / (table.name + ".csv"), ToCsv(table.table));
    }
    for (const Picture& picture : view.view->Pictures()) {
      WriteFileAtomically(folder / (picture.name + ".svg"), picture.svg);
    }
  }
}

}  // namespace yoake::reports
