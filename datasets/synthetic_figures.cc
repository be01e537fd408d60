#include <algorithm>
#include <cmath>

#include "datasets/synthetic_scene.h"

namespace yoake::datasets {
namespace {

// A figure's own frame: metres, x to its front, y up from the ground; turned and scaled onto the picture.
struct Frame {
  cv::Point2d ground;
  double metre = 1;  // Pixels.
  double front = 1;  // +1 or -1: the way it faces, shortened when it is turned away from the side view.

  cv::Point2d operator()(double x, double y) const {
    return {ground.x + front * x * metre, ground.y - y * metre};
  }
};

void DrawHead(const Frame& at, double x, double y, const Heat& heat, bool hat, Canvas& canvas) {
  const cv::Point2d centre = at(x, y);
  canvas.Disc(centre, 0.095 * at.metre, 0.125 * at.metre, heat.skin);
  if (hat)
    canvas.Disc(centre - cv::Point2d(0, 0.06 * at.metre), 0.1 * at.metre, 0.07 * at.metre, heat.clothes);
}

void DrawPerson(const Frame& at, const Heat& heat, RandomStream& random, Canvas& canvas) {
  const double stride = random.Uniform(0.03, 0.3);
  const double swing = random.Uniform(-0.2, 0.2);
  const double girth = random.Uniform(0.85, 1.2);
  const double trousers = heat.clothes + random.Uniform(-10, 10);
  const double jacket = heat.clothes + random.Uniform(-8, 16);
  const double metre = at.metre;
  // The far arm and leg are a little cooler and behind the body.
  canvas.Limb({at(0, 1.38), at(-swing, 1.1), at(-swing + 0.06, 0.86)}, 0.1 * metre, jacket - 8);
  canvas.Limb({at(0, 0.88), at(-stride * 0.4 + 0.05, 0.48), at(-stride, 0.07)}, 0.14 * metre, trousers - 6);
  canvas.Limb({at(-stride, 0.05), at(-stride + 0.12, 0.05)}, 0.09 * metre, heat.shoes);
  canvas.Limb({at(0, 0.88), at(stride * 0.6 + 0.04, 0.48), at(stride, 0.07)}, 0.15 * metre, trousers);
  canvas.Limb({at(stride, 0.05), at(stride + 0.12, 0.05)}, 0.09 * metre, heat.shoes);
  const double half = 0.2 * girth / std::max(0.5, std::abs(at.front));
  canvas.Fill({at(-half, 1.4), at(-half * 0.6, 1.47), at(half * 0.6, 1.47), at(half, 1.4),
               at(half * 0.85, 0.84), at(-half * 0.85, 0.84)},
              jacket);
  canvas.Disc(at(0, 1.22), 0.12 * girth * metre, 0.17 * metre, jacket + 0.3 * (heat.skin - heat.clothes));
  canvas.Limb({at(0, 1.46), at(0.01, 1.56)}, 0.1 * metre, heat.skin);
  canvas.Limb({at(half * 0.8, 1.38), at(swing + half * 0.6, 1.12), at(swing + half * 0.6 + 0.06, 0.88)},
              0.1 * metre, jacket);
  canvas.Disc(at(swing + half * 0.6 + 0.07, 0.84), 0.055 * metre, 0.06 * metre, heat.skin);
  DrawHead(at, 0.02, 1.64, heat, random.Chance(0.3), canvas);
}

void DrawWheel(const Frame& at, double x, double radius, const Heat& heat, Canvas& canvas) {
  const double squeeze = std::abs(at.front);
  canvas.Disc(at(x, radius), radius * at.metre * squeeze, radius * at.metre, heat.tyre);
  canvas.Disc(at(x, radius), 0.6 * radius * at.metre * squeeze, 0.6 * radius * at.metre,
              0.5 * (heat.tyre + heat.car_body));
}

void DrawCarFromTheSide(const Frame& at, const Heat& heat, RandomStream& random, Canvas& canvas) {
  const double half = random.Uniform(1.9, 2.3);            // Half length, metres.
  const double roof = random.Uniform(1.38, 1.62);          // Height.
  const double tail = random.Uniform(-0.95, -0.6) * half;  // Rear end of the roof: from hatchback to saloon.
  const double hood = random.Uniform(0.78, 0.92);
  const double waist = hood + 0.06;
  canvas.Fill({at(-half, 0.25), at(-half, 0.72), at(-half + 0.12, waist), at(0.42 * half, waist),
               at(half - 0.2, hood - 0.1), at(half, 0.62), at(half, 0.25)},
              heat.car_body);
  canvas.Fill({at(tail - 0.12, waist), at(tail + 0.22, roof), at(0.1 * half, roof), at(0.48 * half, waist)},
              heat.car_roof);
  canvas.Fill({at(tail + 0.12, waist + 0.03), at(tail + 0.3, roof - 0.1), at(-0.2 * half, roof - 0.1),
               at(-0.2 * half, waist + 0.03)},
              heat.glass);
  canvas.Fill({at(-0.15 * half, waist + 0.03), at(-0.15 * half, roof - 0.1), at(0.07 * half, roof - 0.1),
               at(0.38 * half, waist + 0.03)},
              heat.glass);
  const double engine = random.Uniform(0.5, 1);  // A parked car's engine is cooler.
  const double warm = heat.car_body + engine * (heat.engine - heat.car_body);
  canvas.Fill({at(0.5 * half, 0.45), at(0.5 * half, hood), at(half - 0.25, hood - 0.12), at(half - 0.06, 0.6),
               at(half - 0.06, 0.42)},
              0.5 * (warm + heat.car_body));
  canvas.Disc(at(0.76 * half, 0.62), 0.4 * at.metre * std::abs(at.front), 0.17 * at.metre, warm);
  canvas.Disc(at(-half + 0.1, 0.3), 0.12 * at.metre, 0.07 * at.metre, warm);
  DrawWheel(at, -0.62 * half, 0.32, heat, canvas);
  DrawWheel(at, 0.62 * half, 0.32, heat, canvas);
}

void DrawCarFromTheFront(const Frame& at, const Heat& heat, RandomStream& random, Canvas& canvas) {
  const double half = random.Uniform(0.84, 0.95);  // Half width, metres.
  const double roof = random.Uniform(1.4, 1.65);
  const bool rear = random.Chance(0.4);
  canvas.Fill({at(-half + 0.02, 0), at(-half + 0.02, 0.4), at(-half + 0.24, 0.4), at(-half + 0.24, 0)},
              heat.tyre);
  canvas.Fill({at(half - 0.02, 0), at(half - 0.02, 0.4), at(half - 0.24, 0.4), at(half - 0.24, 0)},
              heat.tyre);
  canvas.Fill({at(-half, 0.22), at(-half, 0.8), at(-half + 0.12, 0.95), at(half - 0.12, 0.95), at(half, 0.8),
               at(half, 0.22)},
              heat.car_body);
  canvas.Fill({at(-half + 0.1, 0.93), at(-half + 0.32, roof), at(half - 0.32, roof), at(half - 0.1, 0.93)},
              heat.car_roof);
  canvas.Fill({at(-half + 0.2, 0.97), at(-half + 0.36, roof - 0.1), at(half - 0.36, roof - 0.1),
               at(half - 0.2, 0.97)},
              heat.glass);
  const double warm = heat.car_body + random.Uniform(0.5, 1) * (heat.engine - heat.car_body);
  if (rear) {  // A heated window and the exhaust under the bumper.
    canvas.Disc(at(0, 0.5 * (0.97 + roof - 0.1)), 0.45 * half * at.metre, 0.12 * at.metre,
                heat.glass + 0.4 * (warm - heat.glass));
    canvas.Fill({at(-0.7 * half, 0.2), at(-0.7 * half, 0.32), at(0.7 * half, 0.32), at(0.7 * half, 0.2)},
                heat.car_body + 0.5 * (warm - heat.car_body));
    canvas.Disc(at(0.5 * half, 0.27), 0.14 * at.metre, 0.09 * at.metre, warm);
    return;
  }
  canvas.Fill({at(-0.55 * half, 0.36), at(-0.6 * half, 0.72), at(0.6 * half, 0.72), at(0.55 * half, 0.36)},
              warm);
  canvas.Disc(at(-0.78 * half, 0.66), 0.1 * at.metre, 0.08 * at.metre, 0.5 * (warm + heat.engine));
  canvas.Disc(at(0.78 * half, 0.66), 0.1 * at.metre, 0.08 * at.metre, 0.5 * (warm + heat.engine));
}

void DrawBicycle(const Frame& at, const Heat& heat, RandomStream& random, Canvas& canvas) {
  const double radius = 0.34;
  const double metre = at.metre;
  const double squeeze = std::abs(at.front);
  const cv::Point2d rear = at(-0.53, radius);
  const cv::Point2d front = at(0.53, radius);
  const cv::Point2d crank = at(-0.07, 0.3);
  const cv::Point2d saddle = at(-0.22, 0.86);
  const cv::Point2d bar = at(0.4, 0.95);
  const bool rider = random.Chance(0.6);
  const double clothes = heat.clothes + random.Uniform(-8, 12);
  if (rider) canvas.Limb({at(-0.2, 0.92), at(0.2, 0.7), at(-0.05, 0.16)}, 0.13 * metre, clothes - 8);
  const double rim = heat.night ? 0.5 * (heat.tyre + heat.metal) : heat.tyre;
  for (const cv::Point2d& hub : {rear, front}) {
    canvas.Ring(hub, (radius - 0.03) * metre * squeeze, (radius - 0.03) * metre, 0.07 * metre, rim);
    canvas.Disc(hub, 0.06 * metre * squeeze, 0.06 * metre, heat.metal);
  }
  const double tube = 0.055 * metre;
  canvas.Limb({rear, crank, saddle, rear}, tube, heat.metal);
  canvas.Limb({crank, at(0.36, 0.78), saddle}, tube, heat.metal);
  canvas.Limb({front, at(0.36, 0.78), bar, at(0.5, 0.97)}, tube, heat.metal);
  canvas.Limb({at(-0.32, 0.88), at(-0.12, 0.88)}, 0.08 * metre, rider ? heat.clothes : heat.metal);
  if (!rider) return;
  canvas.Limb({at(-0.2, 0.92), at(0.22, 0.78), at(0.06, 0.3)}, 0.14 * metre, clothes);
  canvas.Limb({at(0.02, 0.26), at(0.16, 0.24)}, 0.08 * metre, heat.shoes);
  canvas.Fill({at(-0.34, 0.88), at(-0.04, 0.88), at(0.3, 1.36), at(0.14, 1.5), at(-0.06, 1.42)}, clothes);
  canvas.Disc(at(0.04, 1.2), 0.13 * metre * squeeze, 0.17 * metre,
              clothes + 0.3 * (heat.skin - heat.clothes));
  canvas.Limb({at(0.2, 1.38), at(0.34, 1.14), bar}, 0.09 * metre, clothes);
  canvas.Disc(bar, 0.055 * metre, 0.055 * metre, heat.skin);
  DrawHead(at, 0.29, 1.6, heat, random.Chance(0.6), canvas);
}

}  // namespace

void DrawFigure(Figure figure, cv::Point2d ground, double pixels_per_metre, const Heat& heat,
                RandomStream& random, Canvas& canvas) {
  Frame at{ground, pixels_per_metre, random.Chance(0.5) ? 1.0 : -1.0};
  // No two persons or cars have the same heat.
  Heat own = heat;
  const double warmer = random.Uniform(0.85, 1.1);
  for (double* value : {&own.clothes, &own.shoes, &own.car_body, &own.car_roof, &own.metal}) {
    *value = heat.road + warmer * (*value - heat.road);
  }
  switch (figure) {
    case Figure::kPerson:
      at.metre *= random.Uniform(0.9, 1.08);
      at.front *= random.Uniform(0.6, 1);
      DrawPerson(at, own, random, canvas);
      return;
    case Figure::kCar:
      if (random.Chance(0.6)) {
        at.front *= random.Uniform(0.7, 1);
        DrawCarFromTheSide(at, own, random, canvas);
      } else {
        DrawCarFromTheFront(at, own, random, canvas);
      }
      return;
    case Figure::kBicycle:
      at.front *= random.Uniform(0.6, 1);
      DrawBicycle(at, own, random, canvas);
      return;
  }
}

void DrawContact(Figure figure, cv::Point2d ground, double pixels_per_metre, const Heat& heat,
                 Canvas& canvas) {
  const double reach = (figure == Figure::kCar ? 2.4 : 0.7) * pixels_per_metre;
  if (!heat.night) {
    canvas.Glow(ground + cv::Point2d(0.3 * reach, 0), reach, 0.3 * reach, -28);
  } else if (figure == Figure::kCar) {
    canvas.Glow(ground, reach, 0.25 * reach, 24);
  }
}

}  // namespace yoake::datasets
