#include "reports/study_report.h"

#include <set>

#include "core/atomic_file.h"
#include "reports/combinations.h"
#include "reports/document.h"
#include "reports/plots.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

namespace fs = std::filesystem;

// A file name for a test set's picture: letters, digits, '-' and '_' stay, the rest becomes '_'; a number is
// added when two names meet.
std::string PictureName(const std::string& test, std::set<std::string>* taken) {
  std::string name = "categories_";
  for (const char c : test) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    name += plain ? c : '_';
  }
  std::string unique = name;
  for (int i = 2; !taken->insert(unique).second; ++i) unique = name + "_" + std::to_string(i);
  return unique;
}

// Writes img/NAME.svg beside the report and returns its relative path; nothing for an empty picture.
std::string WritePicture(const fs::path& out_folder, const std::string& name, const std::string& svg) {
  if (svg.empty()) return "";
  const std::string relative = "img/" + name + ".svg";
  WriteFileAtomically(out_folder / relative, svg);
  return relative;
}

std::string FolderPrefix(const fs::path& study_folder, const fs::path& out_folder) {
  const fs::path way =
      fs::weakly_canonical(study_folder).lexically_relative(fs::weakly_canonical(out_folder));
  return way.empty() || way == "." ? "" : way.generic_string() + "/";
}

}  // namespace

fs::path WriteStudyReport(const fs::path& study_folder, const fs::path& out_folder) {
  const StudyResults results = ReadStudyResults(study_folder / "results.json");
  const fs::path out = out_folder.empty() ? study_folder : out_folder;

  DocumentPlace place;
  place.folder_prefix = FolderPrefix(study_folder, out);
  place.search.confirmation = WritePicture(out, "confirmation", ConfirmationSvg(results));
  place.search.history = WritePicture(out, "history", HistorySvg(results));
  place.search.curves = WritePicture(out, "curves", CurvesSvg(results));
  place.search.importance = WritePicture(out, "importance", ImportanceSvg(results));
  place.search.pareto = WritePicture(out, "pareto", ParetoSvg(results));
  std::set<std::string> taken;
  for (const std::string& test : TestNames(results)) {
    const std::string svg = CategoriesSvg(results, test);
    if (!svg.empty()) place.test_pictures[test] = WritePicture(out, PictureName(test, &taken), svg);
  }
  WriteFileAtomically(out / "per_category.csv", PerCategoryCsv(results));
  WriteFileAtomically(out / "report.md", StudyDocument(results, place));
  return out / "report.md";
}

}  // namespace yoake::reports
