#pragma once

#include <string>
#include <vector>

#include "studies/storage/storage.h"
#include "studies/trial_ledger.h"

namespace yoake::studies {

struct AttendanceOptions {
  double beat_s = 15;  // Between heartbeats, and between looks at those of other workers.
  StaleRule stale;     // Its grace must be several beats.
};

// Who this driver is, never the same twice: "host:4711:5f3ac2".
std::string NewClaim();

// A driver among others on one study: keeps the heartbeats of its own trials going and looks after trials
// whose worker has died. Called from the driver's loop; most calls only look at the clock.
class Attendance {
 public:
  // Borrows the ledger.
  Attendance(TrialLedger& ledger, AttendanceOptions options);

  struct News {
    bool looked = false;    // The store has been asked, the ledger's history is fresh.
    std::vector<int> lost;  // Trials of this driver that were given to another one: to be let go unwritten.
    std::vector<std::string> notices;  // For people.
  };
  // `stale`: also fail trials of dead workers and queue them again. `often`: nothing else is left to do.
  News Attend(bool stale, bool often);

 private:
  TrialLedger& ledger_;
  AttendanceOptions options_;
  double next_s_;
};

}  // namespace yoake::studies
