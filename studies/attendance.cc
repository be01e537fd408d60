#include "studies/attendance.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <random>

#include "core/clock.h"

namespace yoake::studies {

std::string NewClaim() {
  std::array<char, 256> host = {};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}:{}:{:08x}", host.data(), getpid(), std::random_device{}());
}

Attendance::Attendance(TrialLedger& ledger, AttendanceOptions options)
    : ledger_(ledger), options_(std::move(options)), next_s_(SteadySeconds()) {}

Attendance::News Attendance::Attend(bool stale, bool often) {
  constexpr double kOftenShare = 0.2;
  News news;
  const double now = SteadySeconds();
  if (now < next_s_ && !(often && now >= next_s_ - (1 - kOftenShare) * options_.beat_s)) return news;
  next_s_ = now + options_.beat_s;
  news.lost = ledger_.Beat();
  for (const int number : news.lost) {
    news.notices.push_back(fmt::format("trial {} was given to another worker; this one lets it go", number));
  }
  if (stale) {
    for (const StaleTrial& trial : ledger_.FailStale(options_.stale)) {
      news.notices.push_back(
          fmt::format("trial {} has had no heartbeat from {}: it failed{}", trial.number,
                      trial.claim.empty() ? "its worker" : trial.claim,
                      trial.again ? fmt::format(" and runs again as trial {}", *trial.again) : ""));
    }
  }
  ledger_.Refresh();
  news.looked = true;
  return news;
}

}  // namespace yoake::studies
