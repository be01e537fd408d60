#include <algorithm>
#include <cmath>

#include "datasets/synthetic_scene.h"

namespace yoake::datasets {
namespace {

constexpr Heat kNight = {.night = true,
                         .sky_top = 14,
                         .sky_low = 34,
                         .building = 74,
                         .window = 96,
                         .roof = 52,
                         .ground = 62,
                         .road = 74,
                         .kerb = 84,
                         .tree = 58,
                         .lamp = 225,
                         .skin = 232,
                         .clothes = 178,
                         .shoes = 128,
                         .car_body = 44,
                         .car_roof = 30,
                         .glass = 56,
                         .engine = 226,
                         .tyre = 142,
                         .metal = 30};

constexpr Heat kDay = {.night = false,
                       .sky_top = 40,
                       .sky_low = 78,
                       .building = 136,
                       .window = 92,
                       .roof = 168,
                       .ground = 126,
                       .road = 146,
                       .kerb = 156,
                       .tree = 98,
                       .lamp = 150,
                       .skin = 176,
                       .clothes = 104,
                       .shoes = 118,
                       .car_body = 212,
                       .car_roof = 236,
                       .glass = 74,
                       .engine = 250,
                       .tyre = 190,
                       .metal = 206};

void DrawSky(const Heat& heat, double horizon, Canvas& canvas) {
  constexpr int kBands = 24;
  for (int i = 0; i < kBands; ++i) {
    const double top = horizon * i / kBands;
    const double share = (i + 0.5) / kBands;
    canvas.Fill({{0, top}, {canvas.width(), top}, {canvas.width(), horizon + 2}, {0, horizon + 2}},
                heat.sky_top + (heat.sky_low - heat.sky_top) * share * share);
  }
}

void DrawWindows(cv::Rect2d wall, double heat, RandomStream& random, Canvas& canvas) {
  const double step_x = random.Uniform(7, 13);
  const double step_y = random.Uniform(8, 14);
  for (double y = wall.y + 4; y + step_y * 0.6 < wall.y + wall.height; y += step_y) {
    for (double x = wall.x + 3; x + step_x * 0.6 < wall.x + wall.width; x += step_x) {
      const double value = heat + random.Uniform(-9, 9);
      canvas.Fill(
          {{x, y}, {x + step_x * 0.5, y}, {x + step_x * 0.5, y + step_y * 0.55}, {x, y + step_y * 0.55}},
          value);
    }
  }
}

void DrawSkyline(const Heat& heat, double horizon, RandomStream& random, Canvas& canvas) {
  for (double x = -random.Uniform(0, 40); x < canvas.width();) {
    const double width = random.Uniform(0.1, 0.3) * canvas.width();
    const double height = horizon * random.Uniform(0.15, 0.85);
    if (random.Chance(0.75)) {
      const cv::Rect2d wall(x, horizon - height, width, height + 3);
      const double value = heat.building + random.Uniform(-16, 16);
      canvas.Fill({{x, wall.y}, {x + width, wall.y}, {x + width, horizon + 3}, {x, horizon + 3}}, value);
      canvas.Fill({{x, wall.y}, {x + width, wall.y}, {x + width, wall.y + 3}, {x, wall.y + 3}}, heat.roof);
      DrawWindows(wall, value + heat.window - heat.building, random, canvas);
    } else {
      for (int i = 0; i < 9; ++i) {
        const double radius = random.Uniform(0.2, 0.4) * width;
        canvas.Disc({x + random.Uniform(0.1, 0.9) * width, horizon - height * random.Uniform(0.1, 0.5)},
                    radius, radius * 0.7, heat.tree + random.Uniform(-7, 7));
      }
    }
    x += width * random.Uniform(0.8, 1.2);
  }
}

void DrawGround(const Heat& heat, const Street& street, RandomStream& random, Canvas& canvas) {
  const double width = canvas.width();
  const double bottom = canvas.height();
  constexpr int kBands = 16;
  for (int i = 0; i < kBands; ++i) {
    const double y = street.horizon + (bottom - street.horizon) * i / kBands;
    const double share = static_cast<double>(i) / kBands;
    canvas.Fill({{0, y}, {width, y}, {width, bottom + 1}, {0, bottom + 1}}, heat.ground - 5 + 8 * share);
  }
  const double left = width * random.Uniform(-0.35, 0.05);
  const double right = width * random.Uniform(0.95, 1.35);
  const cv::Point2d end(street.vanishing_x, street.horizon);
  canvas.Fill({end, {right + 0.07 * width, bottom}, {left - 0.07 * width, bottom}}, heat.kerb);
  canvas.Fill({end, {right, bottom}, {left, bottom}}, heat.road);
  const double middle = 0.5 * (left + right);
  for (double t = 0.12; t < 1; t *= 1.5) {  // Lane marks, evenly spaced on the ground.
    const auto at = [&](double share, double side) {
      return cv::Point2d(end.x + (middle - end.x) * share + side * 0.012 * width * share,
                         end.y + (bottom - end.y) * share);
    };
    const double until = t * 1.22;
    canvas.Fill({at(t, -1), at(t, 1), at(until, 1), at(until, -1)}, heat.road + (heat.night ? -7 : -12));
  }
}

void DrawLamp(const Heat& heat, const Street& street, RandomStream& random, Canvas& canvas) {
  const double y = street.horizon + (canvas.height() - street.horizon) * random.Uniform(0.08, 0.35);
  const double metre = street.PixelsPerMetre(y);
  const double x = random.Uniform(0, canvas.width());
  const double top = y - 5.5 * metre;
  canvas.Limb({{x, y}, {x, top}}, std::max(1.0, 0.14 * metre), heat.metal + (heat.night ? 24 : -30));
  const double side = random.Chance(0.5) ? 1 : -1;
  canvas.Limb({{x, top}, {x + side * 1.1 * metre, top}}, std::max(1.0, 0.1 * metre), heat.metal);
  canvas.Disc({x + side * 1.1 * metre, top}, 0.35 * metre, 0.14 * metre, heat.lamp);
}

cv::Mat Coarse(int rows, int columns, double amplitude, RandomStream& random) {
  cv::Mat coarse(rows, columns, CV_32F);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      coarse.at<float>(y, x) = static_cast<float>(random.Uniform(-amplitude, amplitude));
    }
  }
  return coarse;
}

}  // namespace

Heat DrawHeat(bool night, double contrast, RandomStream& random) {
  Heat heat = night ? kNight : kDay;
  const double shift = random.Uniform(-10, 10);
  double* const scene[] = {&heat.sky_top, &heat.sky_low, &heat.building, &heat.window, &heat.roof,
                           &heat.ground,  &heat.road,    &heat.kerb,     &heat.tree};
  for (double* value : scene) *value += shift + random.Uniform(-5, 5);
  double* const objects[] = {&heat.skin,  &heat.clothes, &heat.shoes, &heat.car_body, &heat.car_roof,
                             &heat.glass, &heat.engine,  &heat.tyre,  &heat.metal};
  for (double* value : objects) {
    *value = heat.road + contrast * (*value + random.Uniform(-8, 8) - heat.road);
  }
  return heat;
}

Street DrawStreet(const Heat& heat, double object_size, RandomStream& random, Canvas& canvas) {
  Street street;
  street.horizon = canvas.height() * random.Uniform(0.24, 0.38);
  street.camera_height_m = random.Uniform(2.4, 3.2) / object_size;
  street.vanishing_x = canvas.width() * random.Uniform(0.3, 0.7);
  DrawSky(heat, street.horizon, canvas);
  DrawSkyline(heat, street.horizon, random, canvas);
  DrawGround(heat, street, random, canvas);
  for (std::int64_t i = random.Int(1, 3); i > 0; --i) DrawLamp(heat, street, random, canvas);
  canvas.Texture(Coarse(6, 8, 6, random));
  canvas.Texture(Coarse(32, 40, 4, random));
  return street;
}

void DrawOccluder(const cv::Rect2d& box, double ground_y, const Heat& heat, RandomStream& random,
                  Canvas& canvas) {
  const double foot = ground_y + 0.05 * box.height;
  const std::uint64_t kind = random.Below(3);
  if (kind == 0) {  // A pole or a trunk.
    const double x = box.x + box.width * random.Uniform(0.2, 0.8);
    const double half = std::clamp(box.width * random.Uniform(0.06, 0.14), 1.0, 0.06 * canvas.width());
    const double top = box.y - random.Uniform(0.3, 1.5) * box.height;
    canvas.Fill({{x - half, foot}, {x - half, top}, {x + half, top}, {x + half, foot}},
                heat.tree + random.Uniform(-6, 10));
  } else if (kind == 1) {  // A bush over the lower part.
    for (int i = 0; i < 8; ++i) {
      const double radius = random.Uniform(0.1, 0.2) * std::max(box.width, box.height);
      canvas.Disc(
          {box.x + box.width * random.Uniform(-0.1, 0.7), foot - box.height * random.Uniform(0, 0.25)},
          radius, radius * 0.8, heat.tree + random.Uniform(-6, 6));
    }
  } else {  // A low wall from one side.
    const double edge = box.x + box.width * random.Uniform(0.25, 0.45);
    const double top = foot - box.height * random.Uniform(0.4, 0.8);
    const double left = edge - box.width * random.Uniform(0.6, 1.2);
    canvas.Fill({{left, foot}, {left, top}, {edge, top}, {edge, foot}},
                heat.building + random.Uniform(-10, 10));
  }
}

}  // namespace yoake::datasets
