#pragma once

#include <string>

#include "reports/regression.h"

namespace yoake::reports {

// The gate as JUnit XML, the form that GitLab's test reports and Jenkins' junit step read: one test case a
// check, a regression is a failure, an inconclusive check is skipped with its message. The same result gives
// the same bytes: no time stamps.
std::string GateJUnit(const GateResult& result);

}  // namespace yoake::reports
