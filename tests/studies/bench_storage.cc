// What a trial costs in the store: 10 parameters, 30 reports, 4 attributes.
//   bench_storage [FOLDER]             SQLite; FOLDER (default: the temporary one) chooses the file system.
//                                      Beside it the same transactions and rows by sqlite3 alone.
//   bench_storage postgresql://..      an empty database

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "studies/storage/storage.h"

namespace yoake::studies {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTrials = 1000;
constexpr int kParams = 10;
constexpr int kReports = 30;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void Print(const char* what, std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const auto quantile = [&](double q) {
    return ms[static_cast<std::size_t>(q * static_cast<double>(ms.size() - 1))];
  };
  std::printf("%-44s median %8.3f ms   [%.3f, %.3f]   max %.3f\n", what, quantile(0.5), quantile(0.25),
              quantile(0.75), ms.back());
}

search::ParamSet Params(int number) {
  search::ParamSet params;
  for (int i = 0; i < kParams; ++i) {
    params["group.parameter_" + std::to_string(i)] = {search::FloatDistribution{1e-5, 1, true, {}},
                                                      1e-4 * (number % 100 + 1) + 1e-6 * i};
  }
  return params;
}

// The floor: the transactions and rows of a trial with prepared statements and nothing around them.
void RunPlain(const std::filesystem::path& file) {
  OpenStorage("sqlite:///" + file.string())->CreateStudy("bench", {search::Direction::kMaximize}, {"mAP"});
  sqlite3* db = nullptr;
  sqlite3_open(file.c_str(), &db);
  sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", nullptr, nullptr, nullptr);
  const auto prepare = [&](const char* text) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db, text, -1, &statement, nullptr);
    return statement;
  };
  sqlite3_stmt* begin = prepare("BEGIN IMMEDIATE");
  sqlite3_stmt* commit = prepare("COMMIT");
  sqlite3_stmt* trial = prepare(
      "INSERT INTO trials (number, study_id, state, datetime_start) VALUES (?1, 1, 'RUNNING', '2026-11-20 "
      "09:19:28.002446')");
  sqlite3_stmt* param = prepare(
      "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?1, "
      "'group.parameter_' || ?2, 0.5, '{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": null, "
      "\"low\": 1e-05, \"high\": 1.0, \"log\": true}}')");
  sqlite3_stmt* report = prepare(
      "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) "
      "VALUES "
      "(?1, ?2, 0.5, 'FINITE')");
  sqlite3_stmt* attr = prepare(
      "INSERT INTO trial_user_attributes (trial_id, \"key\", value_json) VALUES (?1, 'key' || ?2, '17')");
  sqlite3_stmt* end = prepare("UPDATE trials SET state = 'COMPLETE' WHERE trial_id = ?1");
  sqlite3_stmt* value = prepare(
      "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?1, 0, 0.3, 'FINITE')");
  const auto run = [](sqlite3_stmt* statement, int first = 0, int second = 0) {
    sqlite3_bind_int(statement, 1, first);
    sqlite3_bind_int(statement, 2, second);
    sqlite3_step(statement);
    sqlite3_reset(statement);
  };
  std::vector<double> whole;
  for (int id = 1; id <= kTrials; ++id) {
    const auto start = Clock::now();
    const auto transaction = [&](auto work) {
      run(begin);
      work();
      run(commit);
    };
    transaction([&] { run(trial, id - 1); });
    transaction([&] {
      for (int i = 0; i < kParams; ++i) run(param, id, i);
      run(attr, id, 0);
    });
    for (int step = 1; step <= kReports; ++step) transaction([&] { run(report, id, step); });
    for (int i = 1; i <= 3; ++i) transaction([&] { run(attr, id, i); });
    transaction([&] {
      run(value, id);
      run(end, id);
    });
    whole.push_back(MillisecondsSince(start));
  }
  Print("the same rows by sqlite3 alone", whole);
  for (sqlite3_stmt* statement : {begin, commit, trial, param, report, attr, end, value})
    sqlite3_finalize(statement);
  sqlite3_close(db);
}

void Run(const std::string& url) {
  auto storage = OpenStorage(url);
  storage->CreateStudy("bench", {search::Direction::kMaximize}, {"mAP"});
  std::vector<double> whole, start, report, history;
  for (int number = 0; number < kTrials; ++number) {
    const auto begin = Clock::now();
    storage->StartTrial("bench");
    start.push_back(MillisecondsSince(begin));
    storage->SetParams("bench", number, {Params(number), {{"tpe:relative_params:0", "{}"}}});
    for (int step = 1; step <= kReports; ++step) {
      const auto before = Clock::now();
      storage->Report("bench", number, step, 0.01 * step);
      report.push_back(MillisecondsSince(before));
    }
    for (const char* key : {"variant", "device", "seconds"})
      storage->SetTrialUserAttr("bench", number, key, number);
    storage->FinishTrial("bench", number, search::TrialState::kComplete, {0.3});
    whole.push_back(MillisecondsSince(begin));
    if (number % 20 == 0) {
      const auto before = Clock::now();
      storage->ReadHistory("bench");
      history.push_back(MillisecondsSince(before));
    }
  }
  Print("trial (start, params, 30 reports, end)", whole);
  Print("  the last 100 of them", {whole.end() - 100, whole.end()});
  Print("  StartTrial", start);
  Print("  Report", report);
  Print("ReadHistory, 20 new trials since the last", history);
  std::vector<double> again, fresh;
  for (int i = 0; i < 9; ++i) {
    auto before = Clock::now();
    storage->ReadHistory("bench");
    again.push_back(MillisecondsSince(before));
    before = Clock::now();
    OpenStorage(url)->ReadHistory("bench");
    fresh.push_back(MillisecondsSince(before));
  }
  Print("ReadHistory of 1000 trials, nothing new", again);
  Print("open + ReadHistory of 1000 trials", fresh);
}

}  // namespace
}  // namespace yoake::studies

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const std::string place = argc > 1 ? argv[1] : fs::temp_directory_path().string();
  if (place.starts_with("postgresql")) {
    yoake::studies::Run(place);
    return 0;
  }
  const fs::path folder = fs::absolute(fs::path(place) / ("yoake_bench_storage_" + std::to_string(getpid())));
  fs::create_directories(folder);
  yoake::studies::RunPlain(folder / "plain.db");
  yoake::studies::Run("sqlite:///" + (folder / "study.db").string());
  yoake::studies::RunPlain(folder / "again.db");
  fs::remove_all(folder);
}
