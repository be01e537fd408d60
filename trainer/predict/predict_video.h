#pragma once

#include "trainer/predict/open_detector.h"
#include "trainer/predict/predictor.h"

namespace yoake::trainer {

// Predict() for a video: a frame is an image, numbered from 1 and named as `ffmpeg -i drive.mp4
// drive_%06d.jpg` names it. --draw is a folder for a video of the same name (.mp4) with boxes. Memory does
// not grow with the frames' number, only with that of the detections.
PredictSummary PredictVideo(const PredictOptions& options, const OpenedDetector& detector,
                            const DetectOptions& detection);

}  // namespace yoake::trainer
