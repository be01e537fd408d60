#pragma once

#include "core/trial_event.h"
#include "metrics/coco/eval_result.h"

namespace yoake::trainer {

// What an epoch event says of an evaluation: every column of the table for the whole set ("mAP", "AR_100"),
// the mAP columns of each category ("person.mAP_50"), and "precision" and "recall" (best_f1.h).
Metrics MetricsOf(const metrics::EvalResult& result);

}  // namespace yoake::trainer
