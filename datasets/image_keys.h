#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yoake::datasets {

// One member of every image of a COCO file, as text, by ascending image id: {"id": 7, "video_id": 3} -> "3".
// For members that the Dataset does not carry (video, date, camera). Throws Error{kData} naming the image
// that lacks it and the members it has.
std::vector<std::string> ReadImageKeys(const std::filesystem::path& file, const std::string& key);

}  // namespace yoake::datasets
