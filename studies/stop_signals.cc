#include "studies/stop_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"

namespace yoake::studies {
namespace {

bool IsIgnored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

StopSignals::StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM}) sigaddset(&signals, number);
  if (!IsIgnored(SIGHUP)) sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, &before_);
  descriptor_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor_ < 0) {
    const int code = errno;
    sigprocmask(SIG_SETMASK, &before_, nullptr);
    throw Error(ErrorKind::kIo, std::string("cannot wait for signals: ") + std::strerror(code));
  }
}

StopSignals::~StopSignals() {
  Take();
  close(descriptor_);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int StopSignals::Take() {
  int count = 0;
  signalfd_siginfo info;
  while (read(descriptor_, &info, sizeof info) == sizeof info) ++count;
  return count;
}

}  // namespace yoake::studies
