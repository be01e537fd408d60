// configs/README.md names every sampler, pruner and terminator with every option.
#include <gmock/gmock.h>

#include <regex>

#include "core/atomic_file.h"
#include "core/json_reader.h"
#include "search/pruner.h"
#include "search/sampler.h"
#include "search/terminator.h"
#include "tests/support/message_of.h"

namespace yoake::search {
namespace {

// The options a maker reads, as it lists them itself when it meets a key it does not know.
std::vector<std::string> OptionsOf(const std::string& name,
                                   const std::function<void(const JsonReader&)>& make) {
  nlohmann::json options = {{"type", name}, {"qqqqqqqqqqqqqqqq", 1}};
  if (name == "percentile") options["percentile"] = 50;
  if (name == "patient") options["patience"] = 1;
  if (name == "noise" || name == "regret_bound") options["difference"] = 1;
  if (name == "wall_clock") options["hours"] = 1;
  const std::string message = MessageOf([&] { make(JsonReader(options, "test")); });
  std::vector<std::string> found;
  const std::size_t list = message.find("known: ");
  if (list == std::string::npos) return found;
  static const std::regex word("[a-z_0-9]+");
  const std::string tail = message.substr(list + 7);
  for (std::sregex_iterator it(tail.begin(), tail.end(), word), end; it != end; ++it)
    found.push_back(it->str());
  return found;
}

void ExpectDocumented(const std::string& heading, const std::vector<std::string>& names,
                      const std::function<void(const JsonReader&)>& make) {
  const std::string page = ReadFile(std::string(YOAKE_SOURCE_DIR) + "/configs/README.md");
  const std::size_t begin = page.find("### " + heading + "\n");
  ASSERT_NE(begin, std::string::npos) << heading;
  const std::string section = page.substr(begin, page.find("\n#", begin + 1) - begin);
  std::size_t options = 0;
  for (const std::string& name : names) {
    EXPECT_THAT(section, testing::HasSubstr("`" + name + "`"));
    for (const std::string& option : OptionsOf(name, make)) {
      EXPECT_THAT(section, testing::AnyOf(testing::HasSubstr("`" + option + "`"),
                                          testing::HasSubstr("`" + name + "." + option + "`")))
          << name;
      ++options;
    }
  }
  EXPECT_GT(options, 3u);
}

TEST(DocumentedOptionsTest, TheConfigurationPageHasEveryStrategyAndOption) {
  ExpectDocumented("Samplers", SamplerNames(), [](const JsonReader& reader) { MakeSampler(reader); });
  ExpectDocumented("Pruners", PrunerNames(), [](const JsonReader& reader) { MakePruner(reader); });
  ExpectDocumented("Terminators", TerminatorNames(),
                   [](const JsonReader& reader) { MakeTerminator(reader); });
}

}  // namespace
}  // namespace yoake::search
