/// The words of one play's region as `rl::atomic`s, made anew for every execution, and the fault that is put into the core's
/// accesses. relacy's threads are fibers of one thread: nothing here needs a lock.
#pragma once

#include "checker.hpp"

#include "base/words.hpp"
#include "sites.hpp"

namespace signalbox::relacy {

/// One ordered half of one access, to be left out.
struct Weakening {
  const Site* site;
  Half half;
};

class Memory {
 public:
  static constexpr std::size_t kWordsMax = 1024;

  [[nodiscard]] static Memory& instance() noexcept {
    static Memory memory;
    return memory;
  }

  [[nodiscard]] Word* words() noexcept { return reinterpret_cast<Word*>(words_); }

  // A play's `before` and `after`.

  /// Draws how often this execution changes threads: at every access in some, hardly ever in others. A walk that sleeps through
  /// somebody's whole retire and register needs the latter.
  void begin() {
    // An execution that broke left its words behind; relacy has taken their memory back by now.
    while (made_count_ > 0) is_made_[made_[--made_count_]] = false;
    // A search through all schedules draws none of its own.
    steps_per_switch_ = rl::ctx().is_random_sched() ? 1u << rl::rand(6) : 1;
  }
  /// Makes the words from `first` on part of the execution, with `value`. What no play touches costs nothing.
  void make(const Word* first, std::size_t count, std::uint64_t value = 0);
  void end();

  // The core's accesses.

  [[nodiscard]] rl::atomic<std::uint64_t>& at(const Word* word);
  /// The order that is left of `order` when the fault is put in.
  [[nodiscard]] std::memory_order left_of(std::memory_order order, const std::source_location& at);
  /// True if other threads may run before this access.
  [[nodiscard]] bool may_switch() const { return steps_per_switch_ == 1 || rl::rand(steps_per_switch_) == 0; }

  std::vector<Weakening> fault;
  SiteCounter sites;

 private:
  alignas(64) std::uint64_t words_[kWordsMax] = {};
  alignas(rl::atomic<std::uint64_t>) unsigned char places_[kWordsMax][sizeof(rl::atomic<std::uint64_t>)];
  /// Which words exist, in the order in which they were made.
  std::uint16_t made_[kWordsMax];
  bool is_made_[kWordsMax] = {};
  std::size_t made_count_ = 0;
  unsigned steps_per_switch_ = 1;
};

}  // namespace signalbox::relacy
