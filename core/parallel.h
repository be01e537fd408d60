#pragma once

#include <cstddef>
#include <functional>

namespace yoake {

// Runs task(0) ... task(count - 1), each once, on up to `threads` threads; the calling thread is one of them.
// Indices are handed out in ascending order, one at a time, to whoever is free: make each task worth at least
// some ten microseconds. With `threads` <= 1 everything runs on the calling thread, in order.
//
// Tasks run at the same time, so each writes only what is its own: results then do not depend on the number
// of threads. Returns when all have ended; what they wrote is visible to the caller.
//
// A task that throws ends the handing out. Of several exceptions the one of the lowest index is rethrown: the
// same one that a plain loop would have met first. Where the system gives fewer threads, fewer are used.
void ParallelFor(std::size_t count, int threads, const std::function<void(std::size_t)>& task);

// How many threads can run at once here, at least 1: what `--threads` stands at by default.
int HardwareThreads();

}  // namespace yoake
