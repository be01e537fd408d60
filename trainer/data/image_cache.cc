#include "trainer/data/image_cache.h"

#include <unistd.h>

#include <atomic>
#include <exception>
#include <filesystem>
#include <map>
#include <new>
#include <thread>

#include "core/error.h"
#include "datasets/image_io.h"
#include "trainer/augment/letterbox.h"
#include "trainer/run/memory_limit.h"

namespace yoake::trainer {
namespace {

constexpr std::size_t kNamed = 5;  // Bad files named in one message.

std::string Named(const datasets::Image& image) {
  return image.path.string() + " (image id " + std::to_string(static_cast<std::int64_t>(image.id)) + ")";
}

std::string WhyUnreadable(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return "missing";
  if (!std::filesystem::is_regular_file(path, code)) return "not a file";
  if (::access(path.c_str(), R_OK) != 0) return "no permission to read it";
  return std::filesystem::file_size(path, code) == 0 ? "empty" : "";
}

[[noreturn]] void FailForImages(const std::map<std::size_t, std::string>& bad, std::size_t total,
                                const std::string& where) {
  std::string message =
      std::to_string(bad.size()) + " of " + std::to_string(total) + " images cannot be read";
  std::size_t named = 0;
  for (const auto& [unused, text] : bad) {
    if (named++ == kNamed) break;
    message += "\n  " + text;
  }
  if (bad.size() > kNamed) message += "\n  ... and " + std::to_string(bad.size() - kNamed) + " more";
  throw Error(ErrorKind::kData, message + "\nIs the dataset's \"images\" folder right?", where);
}

}  // namespace

ScaledImage Scaled(const cv::Mat& source, int input_size) {
  return {ScaleToFit(source, input_size), LetterboxScale(source.cols, source.rows, input_size), source.cols,
          source.rows};
}

ImageCache::ImageCache(int input_size, double budget_gb)
    : input_size_(input_size), budget_(static_cast<std::int64_t>(budget_gb * 1e9)) {}

ScaledImage ImageCache::Load(const datasets::Image& image) const {
  try {
    return Scaled(datasets::ReadImage(image.path), input_size_);
  } catch (const Error& error) {
    const auto limit = FindOwnLimit();  // A decoder that had no memory says the same as of a damaged file.
    if (limit && limit->NearlyReached(limit->now)) throw std::bad_alloc();
    throw Error(ErrorKind::kData, error.message(), Named(image));
  }
}

ScaledImage ImageCache::Get(const datasets::Image& image) {
  const std::string key = image.path.string();
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = images_.find(key); found != images_.end()) return found->second;
  }
  ScaledImage loaded = Load(image);
  const auto size = static_cast<std::int64_t>(loaded.pixels.total() * loaded.pixels.elemSize());
  const std::lock_guard lock(mutex_);
  if (bytes_ + size <= budget_ && images_.emplace(key, loaded).second) bytes_ += size;
  return loaded;
}

void ImageCache::Preload(const std::vector<datasets::Image>& images, int threads) {
  std::atomic<std::size_t> next = 0;
  std::mutex bad_mutex;
  std::map<std::size_t, std::string> bad;
  // An image needs about this much; when it no longer fits, the rest is decoded when it is used.
  const std::int64_t image_bytes = std::int64_t{3} * input_size_ * input_size_;
  std::exception_ptr failure;  // Of another kind, such as no memory.
  const auto work = [&] {
    for (std::size_t i = next++; i < images.size() && bytes() + image_bytes <= budget_; i = next++) {
      try {
        Get(images[i]);
      } catch (const Error& error) {
        const std::lock_guard lock(bad_mutex);
        bad[i] = error.what();
      } catch (...) {
        const std::lock_guard lock(bad_mutex);
        failure = std::current_exception();
        return;
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  if (!bad.empty()) FailForImages(bad, images.size(), "");
}

std::int64_t ImageCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void CheckImageFiles(const datasets::Dataset& dataset, const std::string& where) {
  std::map<std::size_t, std::string> bad;
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    const std::string why = WhyUnreadable(dataset.images[i].path);
    if (!why.empty()) bad[i] = Named(dataset.images[i]) + ": " + why;
  }
  if (!bad.empty()) FailForImages(bad, dataset.images.size(), where);
}

}  // namespace yoake::trainer
