#include "trainer/run/failure.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <system_error>

#include "core/error.h"
#include "trainer/run/memory_limit.h"

namespace yoake::trainer {
namespace {

bool SaysAny(std::string_view text, const auto& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return text.find(phrase) != std::string_view::npos; });
}

// As LibTorch's versions, CUDA and OpenCV word it.
constexpr std::array<std::string_view, 5> kOutOfMemory = {"allocate memory", "out of memory",
                                                          "not enough memory", "CUDNN_STATUS_ALLOC_FAILED",
                                                          "Insufficient memory"};
// What oneDNN says of anything that fails.
constexpr std::array<std::string_view, 3> kPerhapsMemory = {
    "could not create a memory", "could not create a primitive", "could not execute a primitive"};

std::optional<OutOfMemory> FromText(const std::string& text) {
  const auto limit = FindOwnLimit();
  const bool perhaps = limit && limit->NearlyReached(limit->peak) && SaysAny(text, kPerhapsMemory);
  if (!perhaps && !SaysAny(text, kOutOfMemory)) return std::nullopt;
  const bool device = SaysAny(text, std::array<std::string_view, 2>{"CUDA", "CUDNN"});
  return OutOfMemory{device ? MemoryKind::kDevice : MemoryKind::kHost, text.substr(0, text.find('\n'))};
}

}  // namespace

std::optional<OutOfMemory> MemoryThatRanOut(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const RunEnded&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const std::bad_alloc& error) {
    return OutOfMemory{MemoryKind::kHost, error.what()};
  } catch (const c10::Error& error) {
    return FromText(error.what_without_backtrace());
  } catch (const std::system_error& error) {  // A thread or a mapping that the system refused.
    if (error.code() != std::errc::resource_unavailable_try_again &&
        error.code() != std::errc::not_enough_memory) {
      return std::nullopt;
    }
    return OutOfMemory{MemoryKind::kHost, error.what()};
  } catch (const std::exception& error) {
    return FromText(error.what());
  }
}

std::variant<TrialFailed, OutOfMemory> FailureOf(const std::exception_ptr& exception) {
  if (auto memory = MemoryThatRanOut(exception)) return *memory;
  try {
    std::rethrow_exception(exception);
  } catch (const RunEnded& ended) {
    return ended.failure;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kConfig) throw;
    return TrialFailed{error.kind() == ErrorKind::kData ? FailureReason::kData : FailureReason::kInternal,
                       error.what()};
  } catch (const c10::Error& error) {
    return TrialFailed{FailureReason::kInternal, error.what_without_backtrace()};
  } catch (const std::exception& error) {
    return TrialFailed{FailureReason::kInternal, error.what()};
  }
}

}  // namespace yoake::trainer
