#pragma once

#include <string>
#include <vector>

#include "core/box.h"
#include "datasets/mask.h"

namespace yoake::datasets {

struct SyntheticOptions;

enum class Figure { kPerson, kCar, kBicycle };

// A generated picture and what can be seen on it. Internal to the generator.
struct PaintedScene {
  struct Object {
    Figure figure;
    Box box;
    Mask mask;  // Without runs unless the options ask for masks.
  };
  bool night = false;
  std::string file;  // The picture's, in the options' format.
  std::vector<Object> objects;
};

// Scene number `image` of valid options: a pure function of both.
PaintedScene PaintScene(const SyntheticOptions& options, int image);

}  // namespace yoake::datasets
