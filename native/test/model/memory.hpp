/// Shared words under C++'s memory model, as `explorer.hpp` describes it: what a load may return, and what it brings. One thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "explorer.hpp"

namespace signalbox::model {

inline bool acquires(std::memory_order order) noexcept {
  return order == std::memory_order_acquire || order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}
inline bool releases(std::memory_order order) noexcept {
  return order == std::memory_order_release || order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

class Memory {
 public:
  explicit Memory(std::size_t word_count) : histories_(word_count) {}

  void begin() {
    for (const std::size_t index : touched_) histories_[index].clear();
    touched_.clear();
    // Everybody knows the beginning: the initial stores are known since time 1.
    for (Views& views : threads_) {
      views = {};
      for (std::uint32_t& at : views.now.at) at = 1;
    }
  }

  void tick(std::size_t thread) { ++threads_[thread].now.at[thread]; }
  [[nodiscard]] const Clock& clock_of(std::size_t thread) const { return threads_[thread].now; }
  /// `thread` learns all that `other` did.
  void join(std::size_t thread, std::size_t other) { threads_[thread].now.join(threads_[other].now); }

  /// How many stores a load of the word may return: the newest, and older ones back to the newest that the thread knows of.
  unsigned candidates(std::size_t thread, std::size_t index, std::uint64_t initial) {
    const std::vector<Store>& history = history_of(index, initial);
    const Clock& now = threads_[thread].now;
    unsigned count = 0;
    for (std::size_t at = history.size(); at-- > 0 && count <= kOlderMax;) {
      ++count;
      bool is_known = at == 0;
      for (std::size_t other = 0; other < kThreadsMax; ++other) {
        is_known = is_known || (history[at].known[other] != 0 && history[at].known[other] <= now.at[other]);
      }
      if (is_known) break;
    }
    return count;
  }

  /// The value of the store that is `age` older than the newest.
  std::uint64_t load(std::size_t thread, std::size_t index, unsigned age, std::memory_order order) {
    Store& seen = histories_[index][histories_[index].size() - 1 - age];
    see(thread, seen, order);
    return seen.value;
  }

  void store(std::size_t thread, std::size_t index, std::uint64_t initial, std::uint64_t value, std::memory_order order) {
    const Views& views = threads_[thread];
    Store added{value, releases(order) ? views.now : views.at_release_fence, {}};
    know(thread, added);
    history_of(index, initial).push_back(added);
  }

  /// The read-modify-write of the newest store: `change` turns the value and says whether it is written back.
  template <typename Change>
  std::uint64_t modify(std::size_t thread, std::size_t index, std::uint64_t initial, std::memory_order success,
                       std::memory_order failure, Change change, bool* changed) {
    std::vector<Store>& history = history_of(index, initial);
    std::uint64_t value = history.back().value;
    const std::uint64_t before = value;
    *changed = change(&value);
    see(thread, history.back(), *changed ? success : failure);
    if (*changed) {
      // It carries on the release sequence of what it replaced.
      const Views& views = threads_[thread];
      Store added{value, history.back().brings, {}};
      added.brings.join(releases(success) ? views.now : views.at_release_fence);
      know(thread, added);
      history.push_back(added);
    }
    return before;
  }

  void fence(std::size_t thread, std::memory_order order) {
    Views& views = threads_[thread];
    if (acquires(order)) views.now.join(views.at_acquire_fence);
    if (releases(order)) views.at_release_fence = views.now;
  }

 private:
  /// How many older values a load considers: an entry passes through four states from one event to the next.
  static constexpr unsigned kOlderMax = 5;

  struct Store {
    std::uint64_t value;
    /// What an acquire of this store brings.
    Clock brings;
    /// Since when each thread knows of this store, on its own clock; 0: it does not.
    std::array<std::uint32_t, kThreadsMax> known;
  };
  struct Views {
    Clock now;
    Clock at_release_fence;
    /// What relaxed loads saw, and an acquire fence will bring.
    Clock at_acquire_fence;
  };

  std::vector<Store>& history_of(std::size_t index, std::uint64_t initial) {
    std::vector<Store>& history = histories_[index];
    if (history.empty()) {
      touched_.push_back(index);
      Store first{initial, {}, {}};
      first.known.fill(1);
      history.push_back(first);
    }
    return history;
  }

  void know(std::size_t thread, Store& store) const {
    if (store.known[thread] == 0) store.known[thread] = threads_[thread].now.at[thread];
  }

  void see(std::size_t thread, Store& store, std::memory_order order) {
    know(thread, store);
    Views& views = threads_[thread];
    (acquires(order) ? views.now : views.at_acquire_fence).join(store.brings);
  }

  std::vector<std::vector<Store>> histories_;
  std::vector<std::size_t> touched_;
  std::array<Views, kThreadsMax> threads_;
};

}  // namespace signalbox::model
