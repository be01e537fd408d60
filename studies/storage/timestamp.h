#pragma once

#include <string>

namespace yoake::studies {

// Optuna's datetimes name no time zone: up to 4.9 it writes the machine's local time, from 5 on UTC.
enum class Clock { kUtc, kLocal };

// Which of the two a database holds, told from its version_info.library_version ("4.9.0", "5.0.0.dev"): the
// Optuna that made it. (One that was made by Optuna 4 and continued by Optuna 5 holds both; nothing marks
// that.)
Clock ClockOf(const std::string& library_version);

// Seconds since 1970 UTC <-> "2026-11-20 09:19:28.002446". Times are rounded to microseconds.
std::string FormatTimestamp(double seconds, Clock clock);
// The fraction may be absent. Throws Error{kStorage} for anything else.
double ParseTimestamp(const std::string& text, Clock clock);

// The current time, whole microseconds.
double NowSeconds();

}  // namespace yoake::studies
