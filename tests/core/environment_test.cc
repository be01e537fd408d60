#include "core/environment.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/support/message_of.h"

namespace yoake {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(EnvironmentTest, ReplacesEachNameOnce) {
  setenv("YOAKE_TEST_A", "one", 1);
  setenv("YOAKE_TEST_B", "${YOAKE_TEST_A}", 1);
  EXPECT_EQ(ExpandEnvironment("plain", "x"), "plain");
  EXPECT_EQ(ExpandEnvironment("${YOAKE_TEST_A}/b/${YOAKE_TEST_A}", "x"), "one/b/one");
  EXPECT_EQ(ExpandEnvironment("${YOAKE_TEST_B}", "x"), "${YOAKE_TEST_A}") << "values are not expanded again";
}

TEST(EnvironmentTest, AnUnsetNameAndATornOneAreErrorsThatSayWhere) {
  unsetenv("YOAKE_TEST_NONE");
  setenv("YOAKE_TEST_EMPTY", "", 1);
  for (const char* text : {"${YOAKE_TEST_NONE}/a", "${YOAKE_TEST_EMPTY}/a"}) {
    EXPECT_THAT(MessageOf([&] { ExpandEnvironment(text, "s.json: $.data"); }),
                AllOf(HasSubstr("s.json: $.data"), HasSubstr("is not set"), HasSubstr("export YOAKE_TEST_")));
  }
  for (const char* text : {"${", "${}", "a/${NAME"}) {
    EXPECT_THAT(MessageOf([&] { ExpandEnvironment(text, "x"); }), HasSubstr("write ${NAME}")) << text;
  }
}

}  // namespace
}  // namespace yoake
