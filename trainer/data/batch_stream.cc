#include "trainer/data/batch_stream.h"

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "trainer/augment/multi_scale.h"
#include "trainer/augment/pipeline.h"
#include "trainer/data/image_order.h"
#include "trainer/data/training_source.h"

namespace yoake::trainer {

RandomStream SampleStream(std::uint64_t seed, int epoch) {
  return RandomStream(seed).Split("augment").Split(static_cast<std::uint64_t>(epoch));
}

class BatchStream::Impl {
 public:
  Impl(const TrainingSet& set, ImageCache* cache, const BatchOptions& options, int epoch,
       std::int64_t first_step)
      : source_(set, cache),
        options_(options),
        pipeline_(options.augment, options.input_size, options.last_epochs),
        first_of_run_(epoch * StepsPerEpoch(set.images.size(), options.batch)),
        order_(EpochOrder(set.weights, options.batch, options.seed, epoch)),
        samples_(SampleStream(options.seed, epoch)),
        end_(StepsPerEpoch(set.images.size(), options.batch)),
        to_make_(first_step),
        to_give_(first_step) {
    try {
      for (int i = 0; i < options.threads; ++i) workers_.emplace_back([this] { Work(); });
    } catch (const std::system_error&) {
      if (workers_.empty()) throw;  // Fewer will do, and those that run could not be stopped from here.
    }
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
  }

  std::optional<Batch> Next() {
    std::unique_lock lock(mutex_);
    if (to_give_ == end_) return std::nullopt;
    const auto begin = std::chrono::steady_clock::now();
    changed_.wait(lock, [this] { return made_.contains(to_give_); });
    waited_ += std::chrono::steady_clock::now() - begin;
    auto node = made_.extract(to_give_);
    if (node.mapped().failure) std::rethrow_exception(node.mapped().failure);
    ++to_give_;
    lock.unlock();
    changed_.notify_all();
    return std::move(node.mapped().batch);
  }

  double waited_s() const { return std::chrono::duration<double>(waited_).count(); }

 private:
  struct Made {
    Batch batch;
    std::exception_ptr failure;
  };

  void Work() {
    // Each thread holds one finished batch and makes the next: enough to hide a slow one.
    const std::int64_t ahead = 2 * static_cast<std::int64_t>(options_.threads);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stop_ || to_make_ == end_ || to_make_ < to_give_ + ahead; });
      if (stop_ || to_make_ == end_) return;
      const std::int64_t step = to_make_++;
      lock.unlock();
      Made made;
      try {
        made.batch = Make(step);
      } catch (...) {
        made.failure = std::current_exception();
      }
      lock.lock();
      made_.emplace(step, std::move(made));
      changed_.notify_all();
    }
  }

  Batch Make(std::int64_t step) const {
    Batch batch;
    batch.size = InputSizeAt(options_.augment.multi_scale, options_.input_size, RandomStream(options_.seed),
                             first_of_run_ + step);
    const auto size = static_cast<std::size_t>(batch.size);
    const std::size_t bytes = size * size * 3;
    const int count = options_.batch / options_.parts;
    const auto first = static_cast<std::size_t>(step * options_.batch);
    batch.images.assign(order_.begin() + static_cast<std::ptrdiff_t>(first),
                        order_.begin() + static_cast<std::ptrdiff_t>(first) + options_.batch);
    batch.pixels.resize(static_cast<std::size_t>(count) * bytes);
    for (int i = 0; i < count; ++i) {
      const std::size_t position = first + static_cast<std::size_t>(options_.part * count + i);
      Sample sample =
          pipeline_(source_, static_cast<std::size_t>(order_[position]), samples_.Split(position));
      ResizeSquare(batch.size, &sample);
      std::memcpy(batch.pixels.data() + static_cast<std::size_t>(i) * bytes, sample.image.data, bytes);
      batch.boxes.push_back(std::move(sample.boxes));
    }
    return batch;
  }

  const TrainingSource source_;
  const BatchOptions options_;
  const Pipeline pipeline_;
  const std::int64_t first_of_run_;  // The epoch's first step.
  const std::vector<int> order_;
  const RandomStream samples_;
  const std::int64_t end_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Made> made_;
  std::int64_t to_make_;
  std::int64_t to_give_;
  bool stop_ = false;
  std::chrono::steady_clock::duration waited_{};
  std::vector<std::jthread> workers_;  // Last: joined before anything that they use is gone.
};

BatchStream::BatchStream(const TrainingSet& set, ImageCache* cache, const BatchOptions& options, int epoch,
                         std::int64_t first_step)
    : impl_(std::make_unique<Impl>(set, cache, options, epoch, first_step)) {}

BatchStream::~BatchStream() = default;

std::optional<Batch> BatchStream::Next() { return impl_->Next(); }

double BatchStream::waited_s() const { return impl_->waited_s(); }

}  // namespace yoake::trainer
