#include "studies/storage/store_url.h"

#include <string_view>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake::studies {
namespace {

constexpr std::string_view kSqlite = "sqlite:///";

[[noreturn]] void Fail(const std::string& url, const std::string& message) {
  throw Error(ErrorKind::kUsage, message, "storage " + url);
}

void ReadOption(const std::string& option, StoreUrl* url) {
  const auto equals = option.find('=');
  const std::string key = option.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
  if (key != "optuna_compat") {
    Fail(url->text, "unknown option '" + key + "'" + DidYouMean(key, {"optuna_compat"}));
  }
  if (value != "3.1") {
    Fail(url->text,
         "optuna_compat can only be 3.1, not '" + value + "'; leave it out for Optuna 3.2 and newer");
  }
  url->optuna_compat = value;
}

}  // namespace

StoreUrl ParseStoreUrl(const std::string& url) {
  StoreUrl parsed{url, {}, ""};
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    // Without what may be a password.
    Fail(url.substr(0, url.find("://") + 3) + "..",
         "PostgreSQL is not supported yet; use sqlite:///study.db");
  }
  if (!url.starts_with(kSqlite)) {
    const std::string right = url.find("://") == std::string::npos && !url.empty()
                                  ? "; did you mean 'sqlite:///" + url + "'?"
                                  : "; use sqlite:///relative.db or sqlite:////absolute/path.db";
    Fail(url, "not the address of a store" + right);
  }
  const auto question = url.find('?');
  parsed.file =
      url.substr(kSqlite.size(), question == std::string::npos ? question : question - kSqlite.size());
  if (parsed.file.empty() || parsed.file == ":memory:") {
    Fail(url, "a file is needed, as in sqlite:///study.db: a study outlives its process");
  }
  if (parsed.file.string().find('"') != std::string::npos)
    Fail(url, "a quote cannot stand in the file's name");
  for (std::size_t at = question; at != std::string::npos;) {
    const auto next = url.find('&', at + 1);
    ReadOption(url.substr(at + 1, next == std::string::npos ? next : next - at - 1), &parsed);
    at = next;
  }
  return parsed;
}

}  // namespace yoake::studies
