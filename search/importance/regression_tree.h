#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace yoake::search {

// A feature of a table: numeric in [0, 1], or a choice 0 .. n_choices-1. Choices from 63 on share a bit.
struct Feature {
  std::size_t n_choices = 0;  // 0: numeric.
  std::vector<double> values;
  std::vector<std::size_t> order;  // Rows by ascending value; numeric features only.
};
std::uint64_t ChoiceBit(double choice);

// The part of the space that a leaf covers in one feature: [low, high), or a set of choices.
struct Side {
  double low = 0;
  double high = 1;
  std::uint64_t choices = ~std::uint64_t{0};
};

// A regression tree grown until every leaf is pure or of one row (CART, least squares). The features are
// borrowed and must outlive it.
class RegressionTree {
 public:
  // weights[row]: how often the row counts (0: left out).
  RegressionTree(const std::vector<Feature>& features, const std::vector<double>& targets,
                 const std::vector<int>& weights);

  double Predict(const std::vector<double>& point) const;

  struct Leaf {
    double value;
    std::vector<Side> box;  // One a feature.
  };
  std::vector<Leaf> Leaves() const;

 private:
  struct Node {
    double value = 0;
    std::size_t feature = 0;
    double threshold = 0;             // Numeric: left below it.
    std::uint64_t left_choices = 0;   // Categorical.
    std::size_t left = 0, right = 0;  // 0: a leaf.
  };
  class Grower;

  bool GoesLeft(const Node& node, double value) const;
  void Collect(std::size_t node, std::vector<Side>* box, std::vector<Leaf>* leaves) const;

  const std::vector<Feature>& features_;
  std::vector<Node> nodes_;
};

}  // namespace yoake::search
