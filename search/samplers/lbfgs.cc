#include "search/samplers/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <utility>

namespace yoake::search {
namespace {

using Vector = std::vector<double>;

double Inner(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

struct Pair {
  Vector step, change;  // Of x and of the gradient.
  double inner;
};

// -H g by the two-loop recursion over the free components.
Vector DescentDirection(const Vector& gradient, const std::vector<bool>& free,
                        const std::deque<Pair>& pairs) {
  Vector q(gradient.size());
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = free[i] ? -gradient[i] : 0;
  Vector alpha(pairs.size());
  for (std::size_t k = pairs.size(); k-- > 0;) {
    alpha[k] = Inner(pairs[k].step, q) / pairs[k].inner;
    for (std::size_t i = 0; i < q.size(); ++i) q[i] -= alpha[k] * pairs[k].change[i];
  }
  if (!pairs.empty()) {
    const double gamma = pairs.back().inner / Inner(pairs.back().change, pairs.back().change);
    for (double& v : q) v *= gamma;
  }
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const double beta = Inner(pairs[k].change, q) / pairs[k].inner;
    for (std::size_t i = 0; i < q.size(); ++i) q[i] += (alpha[k] - beta) * pairs[k].step[i];
  }
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = free[i] ? q[i] : 0;
  return q;
}

// One point of the walk.
struct Visited {
  Vector x, gradient;
  double value = 0;
};

class Walk {
 public:
  Walk(const Differentiable& f, const Vector& low, const Vector& high, const LbfgsOptions& options)
      : f_(f), low_(low), high_(high), options_(options) {}

  Minimum From(Vector start) {
    for (std::size_t i = 0; i < start.size(); ++i) start[i] = std::clamp(start[i], low_[i], high_[i]);
    here_ = Visit(std::move(start));
    while (HasTime() && std::isfinite(here_.value)) {
      const std::vector<bool> free = FreeComponents();
      if (Steepest(free) <= options_.gradient_tolerance) break;
      Vector direction = DescentDirection(here_.gradient, free, pairs_);
      if (!(Inner(direction, here_.gradient) < 0)) {
        pairs_.clear();
        direction = DescentDirection(here_.gradient, free, pairs_);
      }
      std::optional<Visited> next = LineSearch(direction, free);
      if (!next) {
        if (pairs_.empty()) break;
        pairs_.clear();  // The curvature that was learned no longer holds.
        continue;
      }
      const double gain = here_.value - next->value;
      Learn(*next);
      here_ = std::move(*next);
      if (gain <= options_.value_tolerance * (1 + std::abs(here_.value))) break;
    }
    return {std::move(here_.x), here_.value, evaluations_};
  }

 private:
  bool HasTime() const { return evaluations_ < options_.max_evaluations; }

  Visited Visit(Vector x) {
    Visited place{std::move(x), {}, 0};
    place.gradient.resize(place.x.size());
    place.value = f_(place.x, &place.gradient);
    ++evaluations_;
    return place;
  }

  // Not held at a bound by the gradient.
  std::vector<bool> FreeComponents() const {
    std::vector<bool> free(here_.x.size());
    for (std::size_t i = 0; i < free.size(); ++i)
      free[i] = here_.gradient[i] > 0 ? here_.x[i] > low_[i] : here_.x[i] < high_[i];
    return free;
  }

  double Steepest(const std::vector<bool>& free) const {
    double steepest = 0;
    for (std::size_t i = 0; i < free.size(); ++i) {
      if (free[i]) steepest = std::max(steepest, std::abs(here_.gradient[i]));
    }
    return steepest;
  }

  Vector Along(const Vector& direction, double length) const {
    Vector x = here_.x;
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = std::clamp(x[i] + length * direction[i], low_[i], high_[i]);
    return x;
  }

  // The value's first-order change on the way to x, negative where it goes down.
  double Descent(const Vector& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += here_.gradient[i] * (x[i] - here_.x[i]);
    return sum;
  }

  bool GoodEnough(const Visited& place) const {
    const double descent = Descent(place.x);
    return std::isfinite(place.value) && descent < 0 && place.value <= here_.value + 1e-4 * descent;
  }

  // Shorter until the descent is as promised; longer while the slope stays as steep as it began.
  std::optional<Visited> LineSearch(const Vector& direction, const std::vector<bool>& free) {
    double length = 1;
    if (pairs_.empty()) {  // Knowing no curvature, a tenth of the box at most.
      for (std::size_t i = 0; i < free.size(); ++i) {
        if (free[i])
          length = std::min(length, 0.1 * (high_[i] - low_[i]) / (std::abs(direction[i]) + 1e-300));
      }
    }
    std::optional<Visited> found;
    for (int tries = 0; tries < 12 && HasTime(); ++tries) {
      Visited place = Visit(Along(direction, length));
      if (GoodEnough(place)) {
        found = std::move(place);
        break;
      }
      // The minimum of the parabola through value, slope and new value, kept within a tenth and a half.
      const double descent = Descent(place.x), rise = place.value - here_.value - descent;
      const double parabola = std::isfinite(rise) && rise > 0 ? -descent / (2 * rise) : 0.1;
      length *= std::clamp(parabola, 0.1, 0.5);
    }
    const double slope = Inner(here_.gradient, direction);
    while (found && HasTime() && Inner(found->gradient, direction) < 0.9 * slope) {
      length *= 3;
      Visited place = Visit(Along(direction, length));
      if (!GoodEnough(place) || place.value >= found->value) break;
      found = std::move(place);
    }
    return found;
  }

  void Learn(const Visited& next) {
    const std::size_t n = here_.x.size();
    Pair pair{Vector(n), Vector(n), 0};
    for (std::size_t i = 0; i < n; ++i) {
      pair.step[i] = next.x[i] - here_.x[i];
      pair.change[i] = next.gradient[i] - here_.gradient[i];
    }
    pair.inner = Inner(pair.step, pair.change);
    if (!(pair.inner > 1e-12 * Inner(pair.change, pair.change))) return;
    pairs_.push_back(std::move(pair));
    if (pairs_.size() > options_.memory) pairs_.pop_front();
  }

  const Differentiable& f_;
  const Vector& low_;
  const Vector& high_;
  const LbfgsOptions& options_;
  Visited here_;
  std::deque<Pair> pairs_;
  int evaluations_ = 0;
};

}  // namespace

Minimum MinimizeInBox(const Differentiable& f, Vector start, const Vector& low, const Vector& high,
                      const LbfgsOptions& options) {
  return Walk(f, low, high, options).From(std::move(start));
}

}  // namespace yoake::search
