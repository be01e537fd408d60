#pragma once

#include <string>
#include <vector>

namespace yoake {

// Levenshtein distance in which swapping two neighbouring characters is one edit (optimal string alignment).
int EditDistance(const std::string& a, const std::string& b);

// "; did you mean 'lr'?" for the candidate nearest to `word`, when it is near enough to be a slip of the hand
// (distance at most a third of the longer word, at least 1); else "; known: a, b, c" for up to 12 candidates,
// else an empty string. Ready to be appended to an error message.
std::string DidYouMean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace yoake
