#include <cmath>
#include <limits>
#include <numbers>

#include "problems.h"

namespace yoake::search {
namespace {

using nlohmann::json;
constexpr double kPi = std::numbers::pi;

double Square(double x) { return x * x; }

std::vector<double> Xs(const json& p) {
  std::vector<double> xs;
  for (std::size_t i = 0; p.contains("x" + std::to_string(i)); ++i)
    xs.push_back(p.at("x" + std::to_string(i)));
  return xs;
}

SearchSpace Cube(int n, double low, double high) {
  std::vector<SpaceEntry> entries;
  for (int i = 0; i < n; ++i)
    entries.push_back({"x" + std::to_string(i), FloatDistribution{low, high, false, {}}, {}});
  return SearchSpace(std::move(entries));
}

double Levy(const json& p) {  // Optimum at (2.5, ..).
  std::vector<double> w;
  for (const double x : Xs(p)) w.push_back(1 + (x - 2.5) / 4);
  double sum = Square(std::sin(kPi * w.front()));
  for (std::size_t i = 0; i + 1 < w.size(); ++i)
    sum += Square(w[i] - 1) * (1 + 10 * Square(std::sin(kPi * w[i] + 1)));
  return sum + Square(w.back() - 1) * (1 + Square(std::sin(2 * kPi * w.back())));
}

double Griewank(const json& p) {  // Optimum at (-120, -160, ..).
  double squares = 0, cosines = 1, i = 1;
  for (const double x : Xs(p)) {
    const double z = x + 80 + 40 * i;
    squares += z * z / 4000;
    cosines *= std::cos(z / std::sqrt(i));
    ++i;
  }
  return 1 + squares - cosines;
}

double Schwefel(const json& p) {  // The best valley lies far from the second best.
  double sum = 0;
  const std::vector<double> xs = Xs(p);
  for (const double x : xs) sum += 418.98288727 - x * std::sin(std::sqrt(std::abs(x)));
  return sum;
}

// A long, bent, badly scaled valley with a plateau around it.
double Valley(const json& p) {
  const std::vector<double> x = Xs(p);
  const double along = x[0] + x[1] + x[2] - 0.7, across = x[0] - Square(x[1]) - 0.1, rest = x[3] - x[2];
  return -1 / (1 + Square(along) + 50 * Square(across) + 5 * Square(rest) + 0.1 * Square(x[4] - 0.2));
}

// A sphere whose values carry noise of one, the same whenever the same point is asked again.
double NoisySphere(const json& p) {
  double sum = 0, hash = 0;
  for (const double x : Xs(p)) {
    sum += Square(x - 1.2);
    hash = std::fmod(std::abs(hash * 977 + x * 1e5), 1e6);
  }
  return sum + RandomStream(static_cast<std::uint64_t>(hash * 1e3)).Normal();
}

// Layers of a network: the deeper the more parameters, each with a best value of its own.
double Layers(const json& p) {
  const std::int64_t n = p.at("depth") == "one" ? 1 : p.at("depth") == "two" ? 2 : 3;
  double f = 0.4 / static_cast<double>(n) + 0.1 * static_cast<double>(n);
  for (std::int64_t i = 1; i <= n; ++i) {
    const double units = p.at("units" + std::to_string(i));
    f += 0.05 * Square(std::log2(units) - 7 + 0.8 * static_cast<double>(i));
    f += p.at("activation" + std::to_string(i)) == "gelu" ? 0 : 0.04;
  }
  f += 0.15 * Square(std::log10(p.at("lr").get<double>()) + 3 + 0.3 * static_cast<double>(n));
  return f + 0.5 * Square(p.at("dropout").get<double>() - 0.1 * static_cast<double>(n));
}

SearchSpace LayersSpace() {
  using Words = std::vector<Choice>;
  const auto word = [](const char* text) { return Choice(std::string(text)); };
  const Words from_two = {word("two"), word("three")}, three = {word("three")};
  const CategoricalDistribution activation{{word("relu"), word("gelu"), word("silu")}};
  const IntDistribution units{16, 512, true, 1};
  return SearchSpace({{"depth", CategoricalDistribution{{word("one"), word("two"), word("three")}}, {}},
                      {"lr", FloatDistribution{1e-6, 1, true, {}}, {}},
                      {"dropout", FloatDistribution{0, 0.8, false, 0.05}, {}},
                      {"units1", units, {}},
                      {"activation1", activation, {}},
                      {"units2", units, {{"depth", from_two}}},
                      {"activation2", activation, {{"depth", from_two}}},
                      {"units3", units, {{"depth", three}}},
                      {"activation3", activation, {{"depth", three}}}});
}

// The best values lie next to a region that fails: the larger the better until memory ends.
double OutOfMemory(const json& p) {
  const double batch = p.at("batch"), width = p.at("width"), lr = p.at("lr");
  const double memory = batch * width * (p.at("fp16") == true ? 0.5 : 1);
  if (memory > 2048) return std::numeric_limits<double>::quiet_NaN();
  const double good_lr = std::log10(lr) + 3.5 - std::log10(batch / 16);
  return 2 - 0.1 * std::log2(width) - 0.05 * std::log2(batch) + 0.1 * Square(good_lr) +
         0.3 * Square(p.at("momentum").get<double>() - 0.9);
}

SearchSpace OutOfMemorySpace() {
  return SearchSpace({{"batch", IntDistribution{4, 128, true, 1}, {}},
                      {"width", IntDistribution{16, 256, true, 1}, {}},
                      {"fp16", CategoricalDistribution{{false, true}}, {}},
                      {"lr", FloatDistribution{1e-5, 0.1, true, {}}, {}},
                      {"momentum", FloatDistribution{0, 0.99, false, {}}, {}}});
}

// Training diverges where the step is too large for the momentum, well away from the best step.
double Diverging(const json& p) {
  const double lr = std::log10(p.at("lr").get<double>()), momentum = p.at("momentum");
  if (lr - std::log10(1 - momentum) > -0.5 + 0.5 * p.at("warmup").get<double>())
    return std::numeric_limits<double>::quiet_NaN();
  return Square(lr + 2.2) + 4 * Square(momentum - 0.9) + 0.2 * Square(p.at("warmup").get<double>() - 0.5) +
         0.1 * Square(std::log10(p.at("wd").get<double>()) + 3.5);
}

SearchSpace DivergingSpace() {
  return SearchSpace({{"lr", FloatDistribution{1e-4, 10, true, {}}, {}},
                      {"momentum", FloatDistribution{0, 0.99, false, {}}, {}},
                      {"warmup", FloatDistribution{0, 1, false, {}}, {}},
                      {"wd", FloatDistribution{1e-6, 0.1, true, {}}, {}}});
}

}  // namespace

std::vector<Problem> GuardProblems() {
  return {
      {"levy6", Cube(6, -10, 10), Levy, 0},
      {"griewank4", Cube(4, -600, 600), Griewank, 0},
      {"schwefel4", Cube(4, -500, 500), Schwefel, 0},
      {"valley5", Cube(5, -2, 2), Valley, -1},
      {"noisy_sphere5", Cube(5, -5, 5), NoisySphere, 0},
      {"layers", LayersSpace(), Layers, 0.4},
      {"oom5", OutOfMemorySpace(), OutOfMemory, 1},
      {"diverging4", DivergingSpace(), Diverging, 0},
  };
}

}  // namespace yoake::search
