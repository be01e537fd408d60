#include "metrics/detections.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"

namespace yoake::metrics {
namespace {

namespace od = simdjson::ondemand;

constexpr std::int64_t kLargestId = std::int64_t{1} << 53;  // Doubles stop naming every integer there.

// What stands there, for messages: the token as written, shortened.
std::string Described(od::value value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  if (token.empty()) return "nothing";
  if (token.front() == '{') return "an object";
  if (token.front() == '[') return "an array";
  const std::string text(token.substr(0, 40));
  return token.front() == '"' ? "the string " + text : text;
}

// Reads one results file. Keys come in any order; of a key that stands twice the last counts, as in Python.
class ResultsReader {
 public:
  explicit ResultsReader(const std::filesystem::path& file) : file_(file.string()) {
    if (simdjson::padded_string::load(file_).get(text_)) {
      ReadFile(file);  // Throws with the system's reason.
      throw Error(ErrorKind::kIo, "cannot read", file_);
    }
  }

  std::vector<Detection> Read() {
    Check(parser_.iterate(text_).get(document_));
    started_ = true;
    od::array array;
    if (document_.get_array().get(array)) FailNoArray();
    std::vector<Detection> detections;
    for (auto element : array) {
      od::value value;
      Check(element.get(value));
      detections.push_back(ReadOne(value));
      ++index_;
    }
    const char* rest = nullptr;
    if (!document_.current_location().get(rest)) Check(simdjson::TRAILING_CONTENT);
    return detections;
  }

 private:
  Detection ReadOne(od::value value) {
    od::object object;
    if (value.get_object().get(object)) Fail("", "expected an object, got " + Described(value));
    Detection detection;
    bool image = false, category = false, box = false, score = false;
    for (auto result : object) {
      od::field field;
      Check(std::move(result).get(field));
      const od::raw_json_string key = field.key();
      if (key == "image_id") {
        detection.image_id = datasets::ImageId{ReadId(field.value(), "image_id")};
        image = true;
      } else if (key == "category_id") {
        detection.category_id = datasets::CategoryId{ReadId(field.value(), "category_id")};
        category = true;
      } else if (key == "bbox") {
        detection.box = ReadBox(field.value());
        box = true;
      } else if (key == "score") {
        detection.score = ReadNumber(field.value(), "score");
        score = true;
      }
    }
    if (!image) Fail("", "'image_id' is required");
    if (!category) Fail("", "'category_id' is required");
    if (!box) Fail("", "'bbox' is required (masks alone are not scored)");
    if (!score) Fail("", "'score' is required");
    return detection;
  }

  std::int64_t ReadId(od::value value, const char* key) {
    std::int64_t id = 0;
    if (value.get_int64().get(id)) {
      double number = 0;  // 7.0 is an id too: numpy writes such.
      if (value.get_double().get(number) || number != std::floor(number) || std::abs(number) > 0x1p53) {
        Fail(key, "expected an integer, got " + Described(value));
      }
      id = static_cast<std::int64_t>(number);
    }
    if (id < 0 || id > kLargestId) {
      Fail(key, fmt::format("expected an id from 0 to 2^53, got {}", id));
    }
    return id;
  }

  double ReadNumber(od::value value, const char* key) {
    double number = 0;
    if (value.get_double().get(number) || !std::isfinite(number)) {
      Fail(key, "expected a finite number, got " + Described(value));
    }
    return number;
  }

  Box ReadBox(od::value value) {
    od::array array;
    if (value.get_array().get(array)) Fail("bbox", "expected [x, y, width, height], got " + Described(value));
    double numbers[4] = {};
    std::size_t count = 0;
    for (auto element : array) {
      od::value number;
      Check(element.get(number));
      if (count < 4) numbers[count] = ReadNumber(number, "bbox");
      ++count;
    }
    if (count != 4) Fail("bbox", fmt::format("expected 4 numbers [x, y, width, height], got {}", count));
    const Box box = {numbers[0], numbers[1], numbers[2], numbers[3]};
    if (box.w < 0 || box.h < 0) {
      Fail("bbox",
           fmt::format("width and height must not be negative, got [{}, {}, {}, {}]; corners instead of "
                       "sizes?",
                       box.x, box.y, box.w, box.h));
    }
    return box;
  }

  [[noreturn]] void Fail(const std::string& key, const std::string& message) const {
    throw Error(ErrorKind::kData, message,
                fmt::format("{}: $[{}]{}{}", file_, index_, key.empty() ? "" : ".", key));
  }

  [[noreturn]] void FailNoArray() {
    std::string found = "a single value";
    od::json_type type{};
    if (!document_.type().get(type) && type == od::json_type::object) {
      found = "an object (the ground truth's file?)";
    }
    throw Error(ErrorKind::kData, "expected an array of detections, got " + found, file_);
  }

  // Throws when `code` says that the text is not JSON.
  void Check(simdjson::error_code code) {
    if (!code) return;
    if (code == simdjson::EMPTY)
      throw Error(ErrorKind::kData, "the file is empty; no detections are []", file_);
    std::string place;
    const char* at = nullptr;
    if (started_ && !document_.current_location().get(at) && at >= text_.data() &&
        at <= text_.data() + text_.size()) {
      const char* line_start = at;
      while (line_start > text_.data() && line_start[-1] != '\n') --line_start;
      place = fmt::format(" near line {}, column {}", std::count<const char*>(text_.data(), at, '\n') + 1,
                          at - line_start + 1);
    }
    throw Error(
        ErrorKind::kData,
        fmt::format("not valid JSON{} (detection {}): {}", place, index_, simdjson::error_message(code)),
        file_);
  }

  std::string file_;
  simdjson::padded_string text_;
  od::parser parser_;
  od::document document_;
  bool started_ = false;  // document_ may be asked where it stands.
  std::size_t index_ = 0;
};

template <typename Number>
void Append(Number number, std::string* text) {
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number).ptr;  // Shortest that reads back equal.
  text->append(buffer, end);
}

}  // namespace

std::vector<Detection> ReadDetections(const std::filesystem::path& file) {
  return ResultsReader(file).Read();
}

void WriteDetections(const std::filesystem::path& file, const std::vector<Detection>& detections) {
  std::string text = "[";
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const Detection& detection = detections[i];
    const double numbers[] = {detection.box.x, detection.box.y, detection.box.w, detection.box.h,
                              detection.score};
    if (!std::all_of(std::begin(numbers), std::end(numbers),
                     [](double number) { return std::isfinite(number); })) {
      throw Error(ErrorKind::kData, fmt::format("detection {} has a score or box that is not finite", i),
                  file.string());
    }
    text += i == 0 ? "\n{\"image_id\":" : ",\n{\"image_id\":";
    Append(static_cast<std::int64_t>(detection.image_id), &text);
    text += ",\"category_id\":";
    Append(static_cast<std::int64_t>(detection.category_id), &text);
    for (int n = 0; n < 4; ++n) {
      text += n == 0 ? ",\"bbox\":[" : ",";
      Append(numbers[n], &text);
    }
    text += "],\"score\":";
    Append(detection.score, &text);
    text += "}";
  }
  text += detections.empty() ? "]\n" : "\n]\n";
  WriteFileAtomically(file, text);
}

}  // namespace yoake::metrics
