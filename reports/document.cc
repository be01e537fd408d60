#include "reports/document.h"

#include <cstddef>

#include "reports/markdown.h"
#include "reports/sections.h"

namespace yoake::reports {
namespace {

constexpr std::size_t kMaxCharacters = 65536;

struct Extent {
  CategoryDetail categories;
  std::size_t ranking;
  std::size_t failures;
  std::size_t warnings;
};

std::string Write(const StudyResults& results, const DocumentPlace& place, const Extent& extent) {
  return Heading(1, results.name.empty() ? "Study" : results.name) + VerdictSection(results) +
         ConfirmationSection(results, place.search.confirmation) +
         RankingSection(results, place.folder_prefix, extent.ranking) + CombinationsSection(results) +
         CategoriesSection(results, extent.categories, place.test_pictures) + DifferencesSection(results) +
         BestConfigurationSection(results) + LossBalanceSection(results) + HistorySection(place.search) +
         FailuresSection(results, place.folder_prefix, extent.failures) + PrunedSection(results) +
         WarningsSection(results, extent.warnings) + ProvenanceSection(results);
}

}  // namespace

std::string StudyDocument(const StudyResults& results, const DocumentPlace& place) {
  std::string document;
  for (const Extent& extent : {Extent{CategoryDetail::kEveryCombination, 10, 30, 20},
                               Extent{CategoryDetail::kBestTrialOnly, 10, 30, 20},
                               Extent{CategoryDetail::kBestTrialOnly, 5, 5, 5}}) {
    document = Write(results, place, extent);
    if (document.size() <= kMaxCharacters) break;
  }
  while (document.ends_with("\n\n")) document.pop_back();
  return document;
}

}  // namespace yoake::reports
