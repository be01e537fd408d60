#pragma once

#include <string>
#include <vector>

#include "metrics/coco/eval_result.h"
#include "reports/eval_analyses.h"

namespace yoake::reports {

// "table": every column and pycocotools' twelve lines; "markdown": mmdetection's class-wise table, three
// decimals; "csv": every column, full precision; "json": everything, full precision.
const std::vector<std::string>& EvalFormats();

// A result in one of these forms, then the analyses asked for (in JSON under "analyses"), with its last line
// end.
std::string RenderEval(const metrics::EvalResult& result, const std::vector<NamedView>& analyses,
                       const std::string& format);

}  // namespace yoake::reports
