#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json_scanner.h"
#include "core/parallel.h"
#include "core/text_file.h"

namespace yoake {

struct ElementOptions {
  int threads = 1;
  // Work is handed out in pieces of this size, and memory of the file is given back in such. Small ones are
  // for tests.
  std::size_t chunk_bytes = std::size_t{1} << 20;
};

// Where an element may begin: the first '{' in [begin, end) before which stand '}', ',' and white space only.
// A guess: the same stands in strings and in nested lists. npos when there is none.
std::size_t GuessElement(std::string_view text, std::size_t begin, std::size_t end);

// Reads the elements of a large array on several threads. The scanner has just passed BeginArray; afterwards
// it stands behind the array. `result` is empty at first and grows; a Part is
//
//   Part(const Part&)                 its empty copy is given to each chunk, options and all
//   void Read(JsonScanner& scanner)   reads one element
//   void Append(Part&& next)          takes over what stood behind
//   void Expect(double factor)        it will become this many times as large: a hint
//
// The text is cut into chunks of equal size, each read from the first place that looks like an element up to
// the first element beyond its end. Chunks are joined in order: one counts if and only if what is before it
// ended exactly where it began. What began at a wrong guess therefore never counts, for what is before ends
// at true elements only; such a stretch is read again from there, as is a chunk in which something was wrong.
// The first fault in file order is thrown. Result and message are the same with any number of threads.
//
// Memory: the result, and for each thread a chunk of text and what became of it; a text made to mislead the
// guess is read by one thread while the others run ahead. With one thread nothing is guessed.
template <typename Part>
class ElementReader {
 public:
  static void Read(const TextFile& file, const ElementOptions& options, JsonScanner* scanner, Part* result) {
    ElementReader reader(file, options, *scanner, result);
    if (options.threads > 1) {
      reader.ReadInChunks();
    } else {
      reader.ReadInOrder();
    }
    *scanner = reader.scanner_;
  }

 private:
  struct Chunk {
    std::size_t begin;
    JsonScanner scanner;  // Behind the chunk's last element.
    bool ended;           // The array, in this chunk.
    Part part;
  };
  struct Slot {
    bool tried = false;
    std::optional<Chunk> chunk;  // Empty: no guess, or a fault.
  };

  ElementReader(const TextFile& file, const ElementOptions& options, const JsonScanner& scanner, Part* result)
      : file_(file),
        options_(options),
        begin_(scanner.offset()),
        first_(scanner),
        empty_(*result),
        scanner_(scanner),
        dropped_(begin_),
        result_(result) {}

  // Where the chunk would begin if elements were bytes.
  std::size_t Begin(std::size_t chunk) const { return begin_ + chunk * options_.chunk_bytes; }

  // Reads up to the first element at or behind `until`. True when the array has ended.
  static bool ReadUntil(std::size_t until, JsonScanner* scanner, Part* part) {
    while (scanner->NextElement()) {
      if (scanner->offset() >= until) {
        *scanner = scanner->AtElement(scanner->offset());
        return false;
      }
      part->Read(*scanner);
    }
    return true;
  }

  void ReadInOrder() {
    for (std::size_t chunk = 1; !ended_; ++chunk) {
      ended_ = ReadUntil(Begin(chunk), &scanner_, result_);
      Done();
    }
  }

  void ReadInChunks() {
    slots_.resize((file_.text().size() - begin_) / options_.chunk_bytes + 1);
    ParallelFor(slots_.size(), options_.threads, [this](std::size_t index) {
      if (ended_) return;
      std::optional<Chunk> chunk = Try(index);
      const std::lock_guard lock(mutex_);
      slots_[index] = {true, std::move(chunk)};
      JoinWhatIsThere();
    });
  }

  std::optional<Chunk> Try(std::size_t index) const {
    const std::size_t end = Begin(index + 1);
    const std::size_t begin = index == 0 ? begin_ : GuessElement(file_.text(), Begin(index), end);
    if (begin == std::string_view::npos) return std::nullopt;
    try {
      Chunk chunk{begin, index == 0 ? first_ : first_.AtElement(begin), false, empty_};
      chunk.ended = ReadUntil(end, &chunk.scanner, &chunk.part);
      return chunk;
    } catch (const JsonFault&) {
      return std::nullopt;
    }
  }

  void JoinWhatIsThere() {
    for (; !ended_ && joined_ < slots_.size() && slots_[joined_].tried; ++joined_) {
      Join(std::exchange(slots_[joined_].chunk, std::nullopt), Begin(joined_ + 1));
      Done();
    }
  }

  void Join(std::optional<Chunk> chunk, std::size_t end) {
    if (chunk && chunk->begin == scanner_.offset()) {
      result_->Append(std::move(chunk->part));
      scanner_ = std::move(chunk->scanner);
      ended_ = chunk->ended;
      return;
    }
    chunk.reset();
    try {
      ended_ = ReadUntil(end, &scanner_, result_);
    } catch (...) {
      ended_ = true;  // Nobody goes on from here.
      throw;
    }
  }

  // Everything up to scanner_ has been read.
  void Done() {
    const std::size_t done = scanner_.offset();
    if (dropped_ == begin_ && done > begin_) {
      result_->Expect(static_cast<double>(file_.text().size() - begin_) / static_cast<double>(done - begin_));
    }
    file_.Drop(dropped_, done);
    dropped_ = done;
  }

  const TextFile& file_;
  const ElementOptions options_;
  const std::size_t begin_;  // Of the first element.
  const JsonScanner first_;
  const Part empty_;

  std::atomic<bool> ended_ = false;
  std::mutex mutex_;  // Guards the rest.
  std::vector<Slot> slots_;
  std::size_t joined_ = 0;
  JsonScanner scanner_;
  std::size_t dropped_;
  Part* result_;
};

}  // namespace yoake
