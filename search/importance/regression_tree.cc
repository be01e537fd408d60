#include "search/importance/regression_tree.h"

#include <algorithm>
#include <iterator>

namespace yoake::search {
namespace {

// Targets of some rows, by their weights.
struct WeightedSum {
  double weight = 0;
  double total = 0;
  void Add(double w, double y) {
    weight += w;
    total += w * y;
  }
  WeightedSum operator-(const WeightedSum& other) const {
    return {weight - other.weight, total - other.total};
  }
  double Mean() const { return total / weight; }
  // Larger: less squared error left.
  double Score() const { return total * total / weight; }
};

}  // namespace

std::uint64_t ChoiceBit(double choice) { return std::uint64_t{1} << std::min(static_cast<int>(choice), 63); }

// Grows depth first. Every numeric feature keeps the rows in its own order, each node a stretch of them, so
// no node sorts again.
class RegressionTree::Grower {
 public:
  Grower(const std::vector<Feature>& features, const std::vector<double>& targets,
         const std::vector<int>& weights, std::vector<Node>* nodes)
      : features_(features), targets_(targets), weights_(weights), nodes_(*nodes) {
    for (std::size_t row = 0; row < weights.size(); ++row) {
      if (weights[row] > 0) rows_.push_back(row);
    }
    for (const Feature& feature : features) {
      auto& order = orders_.emplace_back();
      std::copy_if(feature.order.begin(), feature.order.end(), std::back_inserter(order),
                   [&](std::size_t row) { return weights[row] > 0; });
    }
    buffer_.resize(rows_.size());
    goes_left_.resize(weights.size());
    Grow(0, rows_.size());
  }

 private:
  struct Split {
    double score = 0;
    std::size_t feature = 0;
    double threshold = 0;
    std::uint64_t choices = 0;
  };

  double Value(std::size_t feature, std::size_t row) const { return features_[feature].values[row]; }

  std::size_t Grow(std::size_t begin, std::size_t end) {
    WeightedSum all;
    bool pure = true;
    for (std::size_t i = begin; i < end; ++i) {
      all.Add(weights_[rows_[i]], targets_[rows_[i]]);
      pure &= targets_[rows_[i]] == targets_[rows_[begin]];
    }
    const std::size_t index = nodes_.size();
    nodes_.emplace_back().value = all.Mean();
    if (pure) return index;
    Split best;
    best.score = all.Score();
    for (std::size_t f = 0; f < features_.size(); ++f) {
      if (features_[f].n_choices > 0) {
        TryChoices(f, begin, end, all, &best);
      } else {
        TryThresholds(f, begin, end, all, &best);
      }
    }
    if (best.score == all.Score()) return index;  // No split explains anything.
    const std::size_t middle = Part(best, begin, end);
    const std::size_t left = Grow(begin, middle);
    const std::size_t right = Grow(middle, end);
    Node& node = nodes_[index];
    node.feature = best.feature;
    node.threshold = best.threshold;
    node.left_choices = best.choices;
    node.left = left;
    node.right = right;
    return index;
  }

  void TryThresholds(std::size_t f, std::size_t begin, std::size_t end, const WeightedSum& all,
                     Split* best) const {
    const auto& order = orders_[f];
    WeightedSum left;
    for (std::size_t i = begin; i + 1 < end; ++i) {
      left.Add(weights_[order[i]], targets_[order[i]]);
      const double here = Value(f, order[i]);
      const double next = Value(f, order[i + 1]);
      if (here == next) continue;
      const double score = left.Score() + (all - left).Score();
      if (score > best->score) *best = {score, f, (here + next) / 2, 0};
    }
  }

  // Choices by their mean target: the best of all two-part divisions lies along that order (Breiman, 1984).
  void TryChoices(std::size_t f, std::size_t begin, std::size_t end, const WeightedSum& all,
                  Split* best) const {
    std::vector<WeightedSum> sums(std::min<std::size_t>(features_[f].n_choices, 64));
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t row = rows_[i];
      const auto choice = std::min(static_cast<std::size_t>(Value(f, row)), sums.size() - 1);
      sums[choice].Add(weights_[row], targets_[row]);
    }
    std::vector<std::size_t> seen;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      if (sums[c].weight > 0) seen.push_back(c);
    }
    std::sort(seen.begin(), seen.end(), [&](std::size_t a, std::size_t b) {
      return sums[a].Mean() < sums[b].Mean() || (sums[a].Mean() == sums[b].Mean() && a < b);
    });
    WeightedSum left;
    std::uint64_t choices = 0;
    for (std::size_t i = 0; i + 1 < seen.size(); ++i) {
      left.weight += sums[seen[i]].weight;
      left.total += sums[seen[i]].total;
      choices |= std::uint64_t{1} << seen[i];
      const double score = left.Score() + (all - left).Score();
      if (score > best->score) *best = {score, f, 0, choices};
    }
  }

  // Rows of the left side first, in every order, without changing the order within a side.
  std::size_t Part(const Split& split, std::size_t begin, std::size_t end) {
    const bool categorical = features_[split.feature].n_choices > 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double value = Value(split.feature, rows_[i]);
      goes_left_[rows_[i]] = categorical ? (ChoiceBit(value) & split.choices) != 0 : value < split.threshold;
    }
    for (std::size_t f = 0; f < orders_.size(); ++f) {
      if (!orders_[f].empty()) PartOne(&orders_[f], begin, end);
    }
    return PartOne(&rows_, begin, end);
  }

  std::size_t PartOne(std::vector<std::size_t>* rows, std::size_t begin, std::size_t end) {
    std::size_t left = begin;
    std::size_t right = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t row = (*rows)[i];
      if (goes_left_[row]) {
        (*rows)[left++] = row;
      } else {
        buffer_[right++] = row;
      }
    }
    std::copy_n(buffer_.begin(), right, rows->begin() + static_cast<std::ptrdiff_t>(left));
    return left;
  }

  const std::vector<Feature>& features_;
  const std::vector<double>& targets_;
  const std::vector<int>& weights_;
  std::vector<Node>& nodes_;
  std::vector<std::size_t> rows_;
  std::vector<std::vector<std::size_t>> orders_;  // Empty for a categorical feature.
  std::vector<std::size_t> buffer_;
  std::vector<char> goes_left_;  // By row.
};

RegressionTree::RegressionTree(const std::vector<Feature>& features, const std::vector<double>& targets,
                               const std::vector<int>& weights)
    : features_(features) {
  Grower(features, targets, weights, &nodes_);
}

bool RegressionTree::GoesLeft(const Node& node, double value) const {
  if (features_[node.feature].n_choices > 0) return (ChoiceBit(value) & node.left_choices) != 0;
  return value < node.threshold;
}

double RegressionTree::Predict(const std::vector<double>& point) const {
  std::size_t at = 0;
  while (nodes_[at].right != 0) {
    at = GoesLeft(nodes_[at], point[nodes_[at].feature]) ? nodes_[at].left : nodes_[at].right;
  }
  return nodes_[at].value;
}

std::vector<RegressionTree::Leaf> RegressionTree::Leaves() const {
  std::vector<Leaf> leaves;
  std::vector<Side> box(features_.size());
  for (std::size_t f = 0; f < box.size(); ++f) {
    const std::size_t n = std::min<std::size_t>(features_[f].n_choices, 64);
    if (n > 0 && n < 64) box[f].choices = (std::uint64_t{1} << n) - 1;
  }
  Collect(0, &box, &leaves);
  return leaves;
}

void RegressionTree::Collect(std::size_t at, std::vector<Side>* box, std::vector<Leaf>* leaves) const {
  const Node& node = nodes_[at];
  if (node.right == 0) {
    leaves->push_back({node.value, *box});
    return;
  }
  Side& side = (*box)[node.feature];
  const Side whole = side;
  if (features_[node.feature].n_choices > 0) {
    side.choices = whole.choices & node.left_choices;
    Collect(node.left, box, leaves);
    side.choices = whole.choices & ~node.left_choices;
  } else {
    side.high = node.threshold;
    Collect(node.left, box, leaves);
    side = whole;
    side.low = node.threshold;
  }
  Collect(node.right, box, leaves);
  side = whole;
}

}  // namespace yoake::search
