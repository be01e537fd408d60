#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/box.h"

namespace yoake::datasets {

// The pixels of one object as COCO keeps them (pycocotools' maskApi): pixels are counted down the columns,
// from the left, and `runs` holds the lengths of the stretches outside and inside in turn, outside first.
// Invariant of the makers below: the runs sum up to height * width, and none is 0 but perhaps the first.
struct Mask {
  int height = 0;  // Pixels of the whole image.
  int width = 0;
  std::vector<std::uint32_t> runs;

  friend bool operator==(const Mask&, const Mask&) = default;
};

// The makers throw Error{kData} that names what is wrong, without a place: the caller knows file and id.
// height * width must be below 2^32.

// The union of polygons [x0, y0, x1, y1, ...] in pixels, rasterised as maskApi.c's rleFrPoly does: the
// outline is walked on a grid five times as fine, and a pixel belongs to it by where the outline crosses the
// middle of its column. What lies outside the image is cut off. As in pycocotools' frPyObjects, lists of four
// numbers are boxes [x, y, w, h] when the first list is one. Refuses an odd count of numbers, fewer than
// three points, and coordinates that are not finite or beyond 10^6 (time grows with the outline's length).
Mask MaskFromPolygons(const std::vector<std::vector<double>>& polygons, int height, int width);

// An uncompressed list of counts. Refuses a sum other than height * width.
Mask MaskFromCounts(std::vector<std::uint32_t> counts, int height, int width);

// The compressed string of COCO's files (maskApi.c, rleFrString): five bits a character from '0' on, the
// lowest first; from the fourth count on the difference to the last but one. Refuses other characters, a
// truncated count, a count that is negative or too large, and a wrong sum.
Mask MaskFromString(std::string_view text, int height, int width);

// The same string as pycocotools writes.
std::string MaskString(const Mask& mask);

// Pixels inside.
std::uint64_t MaskArea(const Mask& mask);

// The smallest box around the pixels inside; all zero when there is none.
Box MaskBox(const Mask& mask);

// Pixels inside both, and the pixels inside either. The masks are of one size (asserted).
std::uint64_t MaskIntersection(const Mask& a, const Mask& b);
Mask MaskUnion(const Mask& a, const Mask& b);

}  // namespace yoake::datasets
