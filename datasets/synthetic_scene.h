#pragma once

#include "core/rng.h"
#include "datasets/synthetic_canvas.h"
#include "datasets/synthetic_painter.h"

namespace yoake::datasets {

// Heat of everything in one scene, grey values of 0 to 255. Internal to the generator.
struct Heat {
  bool night = false;
  double sky_top, sky_low;
  double building, window, roof;
  double ground, road, kerb;
  double tree, lamp;
  double skin, clothes, shoes;
  double car_body, car_roof, glass, engine, tyre;
  double metal;  // Frames and poles.
};

// The scene's heats, each a little different from image to image. `contrast` pulls the objects' heats towards
// the ground's.
Heat DrawHeat(bool night, double contrast, RandomStream& random);

// Where things stand. Pixel sizes at ground row y follow from the pinhole camera over flat ground:
// pixels a metre = (y - horizon) / camera_height_m.
struct Street {
  double horizon = 0;  // Pixel row.
  double camera_height_m = 0;
  double vanishing_x = 0;  // Pixel column in which the road ends.

  double PixelsPerMetre(double ground_y) const { return (ground_y - horizon) / camera_height_m; }
  double GroundRow(double pixels_per_metre) const { return horizon + pixels_per_metre * camera_height_m; }
};

// Sky, skyline, street, lamps and trees.
Street DrawStreet(const Heat& heat, double object_size, RandomStream& random, Canvas& canvas);

// One object with its feet or wheels on `ground` (middle of its foot line). Between canvas.Begin and End.
void DrawFigure(Figure figure, cv::Point2d ground, double pixels_per_metre, const Heat& heat,
                RandomStream& random, Canvas& canvas);

// A shadow by day, warmed ground under a car by night. Before the figure itself.
void DrawContact(Figure figure, cv::Point2d ground, double pixels_per_metre, const Heat& heat,
                 Canvas& canvas);

// Something in front of an object that covers `box`: hides part of it.
void DrawOccluder(const cv::Rect2d& box, double ground_y, const Heat& heat, RandomStream& random,
                  Canvas& canvas);

}  // namespace yoake::datasets
