#include "tests/cli/small_set.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/rng.h"

namespace yoake::cli {
namespace {

using nlohmann::json;

constexpr int kImages = 60, kFrames = 5, kWidth = 320, kHeight = 240;
constexpr int kPerson = 1, kCar = 2, kBus = 5;

struct Object {
  int image = 0;
  int category = 0;
  int x = 0, y = 0, w = 0, h = 0;
};

std::vector<Object> DrawObjects() {
  RandomStream random = RandomStream(3).Split("objects");
  std::vector<Object> objects;
  for (int image = 1; image <= kImages; ++image) {
    for (int place = 0; place < 7; ++place) {  // Side by side, so that none hides another.
      const bool bus = place == 6;
      if (bus ? image % 15 != 0 : !random.Chance(0.97)) continue;
      const int w = static_cast<int>(random.Int(12, 36)), h = static_cast<int>(random.Int(20, 110));
      const int y = static_cast<int>(random.Int(4, kHeight - h - 4));
      objects.push_back({image, bus ? kBus : (place < 4 ? kPerson : kCar), place * 45 + 4, y, w, h});
    }
  }
  return objects;
}

json Truth(const std::vector<Object>& objects) {
  json truth = {{"categories",
                 {{{"id", kPerson}, {"name", "person"}},
                  {{"id", kCar}, {"name", "car"}},
                  {{"id", kBus}, {"name", "bus"}}}},
                {"images", json::array()},
                {"annotations", json::array()}};
  for (int image = 1; image <= kImages; ++image) {
    const int video = (image - 1) / kFrames;
    truth["images"].push_back({{"id", image},
                               {"file_name", "video" + std::to_string(video) + "_frame" +
                                                 std::to_string((image - 1) % kFrames) + ".png"},
                               {"video_id", video},
                               {"width", kWidth},
                               {"height", kHeight}});
  }
  for (const Object& o : objects) {
    truth["annotations"].push_back(
        {{"id", truth["annotations"].size() + 1},
         {"image_id", o.image},
         {"category_id", o.category},
         {"bbox", {o.x, o.y, o.w, o.h}},
         {"area", o.w * o.h},
         {"iscrowd", 0},
         {"segmentation", {{o.x, o.y, o.x + o.w, o.y, o.x + o.w, o.y + o.h, o.x, o.y + o.h}}}});
  }
  return truth;
}

// Column by column from the top left, background first.
json MaskOf(const Object& o) {
  json counts = {o.x * kHeight + o.y, o.h};
  for (int column = 1; column < o.w; ++column) {
    counts.push_back(kHeight - o.h);
    counts.push_back(o.h);
  }
  counts.push_back((kWidth - o.x - o.w + 1) * kHeight - o.y - o.h);
  return {{"size", {kHeight, kWidth}}, {"counts", counts}};
}

json Detected(const Object& o, double score) {
  return {{"image_id", o.image},
          {"category_id", o.category},
          {"bbox", {o.x, o.y, o.w, o.h}},
          {"segmentation", MaskOf(o)},
          {"score", score}};
}

json Detect(const std::vector<Object>& objects, std::uint64_t seed, double miss) {
  const RandomStream shared =
      RandomStream(seed).Split("objects");  // Who misses more misses the same and more.
  json detections = json::array();
  for (std::size_t i = 0; i < objects.size(); ++i) {
    RandomStream random = shared.Split(i);
    Object object = objects[i];
    if (random.Uniform() < miss) continue;
    object.x += static_cast<int>(random.Int(-2, 2));
    object.y += static_cast<int>(random.Int(-3, 3));
    detections.push_back(Detected(object, random.Uniform(0.3, 1)));
    if (!random.Chance(0.2)) continue;
    object.category = object.category == kPerson ? kCar : kPerson;
    detections.push_back(Detected(object, random.Uniform(0, 0.6)));
  }
  return detections;
}

}  // namespace

void WriteSmallSet(const ScratchFolder& folder) {
  const std::vector<Object> objects = DrawObjects();
  const auto write = [&](const char* name, const json& content) {
    WriteFileAtomically(folder.path() / name, content.dump());
  };
  write("truth.json", Truth(objects));
  json perfect = json::array();
  for (const Object& object : objects) perfect.push_back(Detected(object, 0.9));
  write("perfect.json", perfect);
  const json old = Detect(objects, 1, 0.2);
  write("old.json", old);
  write("old2.json", Detect(objects, 2, 0.2));
  write("new.json", Detect(objects, 3, 0.2));
  write("bad.json", Detect(objects, 1, 0.6));
  json no_bus = json::array();
  for (const json& detection : old) {
    if (detection["category_id"] != kBus) no_bus.push_back(detection);
  }
  write("no_bus.json", no_bus);
  write("none.json", json::array());
}

}  // namespace yoake::cli
