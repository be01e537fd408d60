#pragma once

#include <map>
#include <string>

#include "reports/sections.h"
#include "reports/study_results.h"

namespace yoake::reports {

// What of a report depends on where it is written.
struct DocumentPlace {
  std::string folder_prefix;  // From report.md to the study's folder; "" or "../study/".
  SearchPictures search;
  std::map<std::string, std::string> test_pictures;  // By test set.
};

// The whole report.md. GitHub shows 65,536 characters: a longer report loses the per-category tables of all
// but the best trial (per_category.csv has them) and then the ends of its lists.
std::string StudyDocument(const StudyResults& results, const DocumentPlace& place);

}  // namespace yoake::reports
