#pragma once

#include <string>

#include "reports/regression.h"

namespace yoake::reports {

// The gate as JUnit XML, the form that GitLab's test reports and Jenkins' junit step read: one test case a
// check, a regression is a failure, an inconclusive check is skipped with its message. The same result gives
// the same bytes: no time stamps.
//
// The form is what all of these read: junit-10.xsd of Jenkins' xunit plugin (testsuites may have name, tests,
// failures, errors and time, but not skipped; testsuite needs name, tests, failures and errors; testcase
// needs a name; failure and skipped may have message, type and text) and GitLab's unit test reports (a test
// is known by classname and name, of equal ones the first counts; the text of failure is shown, its message
// is not). A category is named once in a set, so the names differ.
std::string GateJUnit(const GateResult& result);

}  // namespace yoake::reports
