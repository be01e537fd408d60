#include "reports/markdown.h"
#include "reports/sections.h"

namespace yoake::reports {

std::string HistorySection(const SearchPictures& pictures) {
  std::string images;
  const auto add = [&](const char* title, const std::string& picture) {
    if (!picture.empty()) images += Image(title, picture);
  };
  add("Optimisation history", pictures.history);
  add("Learning curves", pictures.curves);
  add("Importance of the parameters", pictures.importance);
  add("Value against training time", pictures.pareto);
  return images.empty() ? "" : Heading(2, "History") + images;
}

}  // namespace yoake::reports
