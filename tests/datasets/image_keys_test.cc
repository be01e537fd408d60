#include "datasets/image_keys.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "core/atomic_file.h"
#include "tests/support/message_of.h"
#include "tests/support/scratch_folder.h"

namespace yoake::datasets {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ImageKeysTest : public testing::Test {
 protected:
  std::vector<std::string> Keys(const std::string& content, const std::string& key) {
    WriteFileAtomically(file_, content);
    return ReadImageKeys(file_, key);
  }

  const ScratchFolder scratch_;
  const std::filesystem::path file_ = scratch_.path() / "image_keys.json";
};

constexpr char kImages[] = R"({"annotations": [{"id": 1, "images": [3], "segmentation": [[1, 2], [3]]}],
  "images": [{"id": 9, "video_id": 3, "tags": {"day": 1}}, {"id": 2, "video_id": "a", "tags": []}]})";

TEST_F(ImageKeysTest, AreTextByAscendingId) {
  EXPECT_THAT(Keys(kImages, "video_id"), ElementsAre("a", "3"));
  EXPECT_THAT(Keys(kImages, "tags"), ElementsAre("[]", "{\"day\":1}"));
  EXPECT_THAT(Keys("{}", "video_id"), ElementsAre());
}

TEST_F(ImageKeysTest, AMissingKeyNamesImageAndKeys) {
  EXPECT_THAT(MessageOf([&] { Keys(kImages, "video"); }), HasSubstr("image 9 has no key 'video'"));
  EXPECT_THAT(MessageOf([&] { Keys("[", "video"); }), HasSubstr("image_keys.json"));
}

}  // namespace
}  // namespace yoake::datasets
