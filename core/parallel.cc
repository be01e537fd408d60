#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace yoake {
namespace {

// One call's shared state: which index comes next and which exception is the one to rethrow.
class Handout {
 public:
  Handout(std::size_t count, const std::function<void(std::size_t)>& task) : count_(count), task_(task) {}

  void Work() {
    while (!failed_.load(std::memory_order_relaxed)) {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= count_) return;
      try {
        task_(index);
      } catch (...) {
        Keep(index, std::current_exception());
      }
    }
  }

  void RethrowIfFailed() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  // Every index below a failed one was handed out before it, so the lowest failure always comes to its end.
  void Keep(std::size_t index, std::exception_ptr exception) {
    const std::lock_guard lock(mutex_);
    if (exception_ && exception_index_ < index) return;
    exception_ = std::move(exception);
    exception_index_ = index;
    failed_ = true;
  }

  const std::size_t count_;
  const std::function<void(std::size_t)>& task_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::exception_ptr exception_;
  std::size_t exception_index_ = 0;
};

}  // namespace

void ParallelFor(std::size_t count, int threads, const std::function<void(std::size_t)>& task) {
  Handout handout(count, task);
  {
    const std::size_t others = std::min(count, static_cast<std::size_t>(std::max(threads, 1))) - (count > 0);
    std::vector<std::jthread> pool;
    pool.reserve(others);
    try {
      while (pool.size() < others) pool.emplace_back([&handout] { handout.Work(); });
    } catch (const std::system_error&) {  // No more threads to be had: those there are do the work.
    }
    handout.Work();
  }
  handout.RethrowIfFailed();
}

int HardwareThreads() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

}  // namespace yoake
