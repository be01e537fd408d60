#pragma once

#include "tests/support/scratch_folder.h"

namespace yoake::cli {

// Files of a small generated set, for running commands on: 60 images in 12 videos ("video3_frame1.png", key
// "video_id"), about 240 persons, 120 cars and 4 buses, each with a polygon, and detections with boxes and
// masks:
//   perfect.json           every object as it is;
//   old.json, old2.json    a fifth is missed, others in the second, boxes shaken, some false;
//   new.json               as good as old.json, but errs elsewhere;
//   bad.json               as old.json, but three in five are missed;
//   no_bus.json            old.json without its buses.
//   none.json              no detections.
void WriteSmallSet(const ScratchFolder& folder);

}  // namespace yoake::cli
