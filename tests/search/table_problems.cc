#include <charconv>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <unordered_map>

#include "problems.h"

namespace yoake::search {
namespace {

using nlohmann::json;

struct Table {
  std::vector<std::string> names;
  std::vector<std::uint64_t> sizes;
  std::unordered_map<std::uint64_t, double> values;  // By mixed-radix index.
};

std::vector<double> Numbers(const std::string& line) {
  std::vector<double> numbers;
  for (const char* at = line.data(); at < line.data() + line.size(); ++at) {
    const auto [end, error] = std::from_chars(at, line.data() + line.size(), numbers.emplace_back());
    if (error != std::errc()) throw std::runtime_error("no number in '" + line + "'");
    at = end;
  }
  return numbers;
}

Problem TableProblem(const std::filesystem::path& folder, const std::string& name, double optimum) {
  auto table = std::make_shared<Table>();
  std::vector<SpaceEntry> entries;
  std::ifstream description_file(folder / (name + ".json"));
  if (!description_file) throw std::runtime_error("no table " + name + " in " + folder.string());
  const json description = json::parse(description_file);
  for (const json& param : description.at("params")) {
    const std::int64_t n = param.at("choices");
    table->names.push_back(param.at("name"));
    table->sizes.push_back(static_cast<std::uint64_t>(n));
    if (param.at("type") == "int") {
      entries.push_back({table->names.back(), IntDistribution{0, n - 1, false, 1}, {}});
    } else {
      CategoricalDistribution choices;
      for (std::int64_t i = 0; i < n; ++i) choices.choices.emplace_back(i);
      entries.push_back({table->names.back(), choices, {}});
    }
  }
  std::ifstream rows(folder / (name + ".csv"));
  std::string line;
  std::getline(rows, line);
  while (std::getline(rows, line)) {
    const std::vector<double> numbers = Numbers(line);
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < table->sizes.size(); ++i)
      index = index * table->sizes[i] + static_cast<std::uint64_t>(numbers.at(i));
    table->values[index] = numbers.back();
  }
  const auto evaluate = [table](const json& p) {
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < table->sizes.size(); ++i)
      index = index * table->sizes[i] + p.at(table->names[i]).get<std::uint64_t>();
    return table->values.at(index);
  };
  return {name, SearchSpace(std::move(entries)), evaluate, optimum};
}

}  // namespace

std::vector<Problem> TableProblems(const std::filesystem::path& folder) {
  return {TableProblem(folder, "hpobench_segment", -0.9685131195335277),
          TableProblem(folder, "hpolib_protein", 0.221378855407238),
          TableProblem(folder, "nas201_cifar100", -73.49333333519531)};
}

}  // namespace yoake::search
