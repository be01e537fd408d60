#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "studies/attendance.h"
#include "studies/prepare.h"
#include "studies/results.h"
#include "studies/study_config.h"
#include "studies/study_folder.h"
#include "studies/study_observer.h"
#include "studies/trainer.h"
#include "studies/trial_ledger.h"

namespace yoake::studies {

struct RunnerOptions {
  double grace_s = 30;  // Between SIGTERM and SIGKILL.
  int poll_ms = 100;    // Longest wait before events are looked at again; ends of processes wake it at once.
  AttendanceOptions attendance = {};
  std::optional<int> count = {};  // Start so many trials at most, then end; absent: to the end of the study.
};

// What a driver works with; all borrowed.
struct RunnerParts {
  const StudyConfig& study;
  const PreparedStudy& prepared;
  const StudyFolder& folder;
  const Trainer& trainer;
  TrialLedger& ledger;
  ResultsWriter& results;
  StudyObserver& observer;
  RunnerOptions options;
};

struct RunnerEnd {
  bool complete = false;     // Every trial has come to an end.
  bool interrupted = false;  // By a signal; `yoake study resume` goes on.
  bool failed = false;       // The first trials failed alike: the study was given up.
  bool counted_out = false;  // It has started its `count` of trials.
  std::string why;           // For people: why it is not complete, or why the terminator ended it early.
};

// Runs the study's trials on its slots until all have ended, the study's timeout has passed, or a signal
// comes: the first one stops taking trials and asks the running ones to write a checkpoint and end (they stay
// RUNNING in the store, resume goes on with them), the second kills them.
//
// Several drivers may run one study through its store (study.h, WorkOnStudy): each keeps the heartbeats of
// its own trials, trials of dead ones are run again, a trial that was given to another one is let go, and
// none ends while another one still runs a trial that it might have to repeat.
//
// One thread, one loop. A free slot is filled before anything else is done, detections are scored one test
// set at a time while nothing else is due. A trial that fails never ends the study, with one exception: when
// the first three trials fail before their first epoch in the same way (bad data, a crash at the start), all
// others would too.
//
// `unfinished`: trials to run again before new ones are taken (recovery.h). `ended`: trials whose events tell
// their end already. Throws Error{kStorage|kIo} when store or disk refuse; children are killed, and a resumed
// study goes on.
RunnerEnd RunTrials(const RunnerParts& parts, const std::vector<int>& unfinished,
                    const std::vector<int>& ended);

}  // namespace yoake::studies
