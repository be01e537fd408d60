#include "trainer/failure.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <new>
#include <string>

#include "core/error.h"

namespace yoake::trainer {
namespace {

// The CPU allocator throws a plain c10::Error, newer LibTorch versions word it differently.
bool SaysOutOfMemory(const std::string& text) {
  return text.find("allocate memory") != std::string::npos ||
         text.find("out of memory") != std::string::npos ||
         text.find("not enough memory") != std::string::npos;
}

TrialFailed OutOfMemory(const TrainConfig& config, const std::string& text) {
  return {FailureReason::kOutOfMemory,
          fmt::format("no memory for batch {} at {} pixels; lower batch or input_size ({})", config.batch,
                      config.input_size, text.substr(0, text.find('\n')))};
}

}  // namespace

TrialFailed FailureOf(const std::exception_ptr& exception, const TrainConfig& config) {
  try {
    std::rethrow_exception(exception);
  } catch (const RunEnded& ended) {
    return ended.failure;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kConfig) throw;
    return {error.kind() == ErrorKind::kData ? FailureReason::kData : FailureReason::kInternal, error.what()};
  } catch (const c10::OutOfMemoryError& error) {
    return OutOfMemory(config, error.what());
  } catch (const c10::Error& error) {
    if (SaysOutOfMemory(error.what())) return OutOfMemory(config, error.what());
    return {FailureReason::kInternal, error.what_without_backtrace()};
  } catch (const std::bad_alloc& error) {
    return OutOfMemory(config, error.what());
  } catch (const std::exception& error) {
    return {FailureReason::kInternal, error.what()};
  }
}

}  // namespace yoake::trainer
