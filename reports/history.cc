#include "reports/markdown.h"
#include "reports/sections.h"

namespace yoake::reports {

std::string HistorySection(const std::string& history_picture, const std::string& curves_picture) {
  if (history_picture.empty() && curves_picture.empty()) return "";
  std::string text = Heading(2, "History");
  if (!history_picture.empty()) text += Image("Optimisation history", history_picture);
  if (!curves_picture.empty()) text += Image("Learning curves", curves_picture);
  return text;
}

}  // namespace yoake::reports
