#include "studies/storage/store_url.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <vector>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake::studies {
namespace {

constexpr std::string_view kSqliteScheme = "sqlite:///";
constexpr std::array<std::string_view, 7> kLibpqOptions = {
    "sslmode", "sslrootcert", "connect_timeout", "options", "application_name", "host", "port"};

[[noreturn]] void Fail(const std::string& text, const std::string& message) {
  throw Error(ErrorKind::kUsage, message, "storage " + text);
}

bool IsPostgresql(const std::string& url) {
  const std::string scheme = url.substr(0, url.find("://"));  // Also SQLAlchemy's "postgresql+psycopg2".
  return url.find("://") != std::string::npos &&
         (scheme == "postgres" || scheme == "postgresql" || scheme.starts_with("postgresql+"));
}

std::string Decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    if (escape) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

void ReadOption(const std::string& option, StoreUrl* url) {
  const auto equals = option.find('=');
  const std::string key = option.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : Decoded(option.substr(equals + 1));
  const bool postgresql = url->engine == StoreUrl::Engine::kPostgresql;
  if (postgresql && std::find(kLibpqOptions.begin(), kLibpqOptions.end(), key) != kLibpqOptions.end()) {
    url->conninfo[key] = value;
    return;
  }
  if (key != "optuna_compat") {
    std::vector<std::string> known = {"optuna_compat"};
    if (postgresql) known.insert(known.end(), kLibpqOptions.begin(), kLibpqOptions.end());
    Fail(url->text, "unknown option '" + key + "'" + DidYouMean(key, known));
  }
  if (value != "3.1") {
    Fail(url->text,
         "optuna_compat can only be 3.1, not '" + value + "'; leave it out for Optuna 3.2 and newer");
  }
  url->optuna_compat = value;
}

void ReadOptions(std::string rest, StoreUrl* url) {
  while (!rest.empty()) {
    const auto next = rest.find('&');
    ReadOption(rest.substr(0, next), url);
    rest = next == std::string::npos ? "" : rest.substr(next + 1);
  }
}

// "user:password@host:port/database", host may be an IPv6 address in brackets.
void ReadPlace(const std::string& place, StoreUrl* url) {
  constexpr char kForm[] = "; use postgresql://user:password@host:port/database";
  const auto slash = place.find('/', place.rfind('@') == std::string::npos ? 0 : place.rfind('@'));
  if (slash == std::string::npos || slash + 1 == place.size()) {
    Fail(url->text, std::string("the database's name is missing") + kForm);
  }
  url->conninfo["dbname"] = Decoded(place.substr(slash + 1));
  std::string server = place.substr(0, slash);
  if (const auto at = server.rfind('@'); at != std::string::npos) {
    const std::string who = server.substr(0, at);
    const auto colon = who.find(':');
    url->conninfo["user"] = Decoded(who.substr(0, colon));
    if (colon != std::string::npos) url->conninfo["password"] = Decoded(who.substr(colon + 1));
    server = server.substr(at + 1);
  }
  const auto bracket = server.starts_with('[') ? server.find(']') : std::string::npos;
  const auto colon = server.find(':', bracket == std::string::npos ? 0 : bracket);
  const std::string host =
      bracket == std::string::npos ? server.substr(0, colon) : server.substr(1, bracket - 1);
  if (!host.empty()) url->conninfo["host"] = Decoded(host);
  if (colon == std::string::npos) return;
  const std::string port = server.substr(colon + 1);
  const bool number = !port.empty() && port.find_first_not_of("0123456789") == std::string::npos;
  if (!number) Fail(url->text, "the port must be a number" + std::string(kForm));
  url->conninfo["port"] = port;
}

void ReadSqlite(const std::string& place, StoreUrl* url) {
  url->file = place;
  if (url->file.empty() || url->file == ":memory:") {
    Fail(url->text, "a file is needed, as in sqlite:///study.db: a study outlives its process");
  }
  if (place.find('"') != std::string::npos) Fail(url->text, "a quote cannot stand in the file's name");
}

// Where a password lies in an address that begins at `scheme_end` (after "://"), as {begin, end}.
std::pair<std::size_t, std::size_t> PasswordAt(const std::string& text, std::size_t scheme_end) {
  std::size_t end = scheme_end;
  while (end < text.size() && std::isspace(static_cast<unsigned char>(text[end])) == 0) ++end;
  const std::size_t at = text.rfind('@', end == 0 ? 0 : end - 1);
  const std::size_t colon = text.find(':', scheme_end);
  const bool has = at != std::string::npos && at >= scheme_end && colon != std::string::npos && colon < at;
  return has ? std::pair{colon + 1, at} : std::pair{scheme_end, scheme_end};
}

}  // namespace

StoreUrl ParseStoreUrl(const std::string& url) {
  StoreUrl parsed;
  parsed.text = WithoutPasswords(url);
  const bool postgresql = IsPostgresql(url);
  if (!postgresql && !url.starts_with(kSqliteScheme)) {
    const std::string right = url.find("://") == std::string::npos && !url.empty()
                                  ? "; did you mean 'sqlite:///" + url + "'?"
                                  : "; use sqlite:///relative.db, sqlite:////absolute/path.db or "
                                    "postgresql://user:password@host:port/database";
    Fail(parsed.text, "not the address of a store" + right);
  }
  if (postgresql) parsed.engine = StoreUrl::Engine::kPostgresql;
  const auto begin = postgresql ? url.find("://") + 3 : kSqliteScheme.size();
  const auto question =
      url.find('?', postgresql && url.rfind('@') != std::string::npos ? url.rfind('@') : begin);
  const std::string place = url.substr(begin, question == std::string::npos ? question : question - begin);
  postgresql ? ReadPlace(place, &parsed) : ReadSqlite(place, &parsed);
  if (question != std::string::npos) ReadOptions(url.substr(question + 1), &parsed);
  return parsed;
}

std::string WithoutPasswords(const std::string& text) {
  std::string out = text;
  for (std::size_t at = out.find("://"); at != std::string::npos; at = out.find("://", at + 3)) {
    const auto [begin, end] = PasswordAt(out, at + 3);
    if (begin < end) out.replace(begin, end - begin, "***");
  }
  return out;
}

std::string WithoutPassword(const std::string& url) {
  const auto scheme = url.find("://");
  if (!IsPostgresql(url) || scheme == std::string::npos) return url;
  const auto [begin, end] = PasswordAt(url, scheme + 3);
  return begin < end ? url.substr(0, begin - 1) + url.substr(end) : url;
}

}  // namespace yoake::studies
