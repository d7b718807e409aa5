/// The choices of one execution: which of several continuations is taken, and the search through all of them within a budget of
/// deviations, depth first and then at random. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../check.hpp"

namespace signalbox::model {

class Choices {
 public:
  explicit Choices(std::uint64_t seed) : random_(seed) {}

  /// From now on executions are drawn, with about `deviations` each.
  void draw(unsigned deviations) {
    is_drawn_ = true;
    budget_ = deviations;
  }
  void search(unsigned deviations) { budget_ = deviations; }

  void begin() {
    if (depth_ > 0) typical_depth_ = depth_;
    depth_ = 0;
    spent_ = 0;
  }

  /// One of 0 … count − 1. Option 0 is free, each other costs `cost`.
  unsigned choose(unsigned count, unsigned cost) {
    if (count <= 1 || spent_ + cost > budget_) return 0;
    unsigned taken = 0;
    if (is_drawn_) {
      ++depth_;
      // Free choices are even; costly ones are spread over the execution, wherever they fall.
      const bool deviates = cost == 0 || random_.below(typical_depth_) < budget_;
      taken = deviates ? static_cast<unsigned>(random_.below(count)) : 0;
    } else {
      if (depth_ == path_.size()) path_.push_back({0, count, cost});
      const Choice& choice = path_[depth_++];
      if (choice.count != count || choice.cost != cost) {
        std::fprintf(stderr, "an execution did not repeat itself: its scenario keeps state that it does not reset\n");
        std::abort();
      }
      taken = choice.taken;
    }
    if (taken != 0) spent_ += cost;
    return taken;
  }

  /// Turns to the next execution in depth-first order; false when all were taken.
  bool advance() {
    while (!path_.empty()) {
      if (++path_.back().taken < path_.back().count) return true;
      path_.pop_back();
    }
    return false;
  }

 private:
  struct Choice {
    unsigned taken;
    unsigned count;
    unsigned cost;
  };

  std::vector<Choice> path_;
  std::size_t depth_ = 0;
  std::size_t typical_depth_ = 100;
  unsigned budget_ = 0;
  unsigned spent_ = 0;
  bool is_drawn_ = false;
  test::Random random_;
};

}  // namespace signalbox::model
