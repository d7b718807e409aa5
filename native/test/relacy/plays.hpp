/// A play: two or three threads on a small piece of shared memory, and what must hold whatever they meet. Played once an execution.
#pragma once

#include "memory.hpp"

namespace signalbox::relacy {

class Play {
 public:
  /// `switches`: so many changes of thread are few enough to play every execution that has no more; 0: not even one. A retry that
  /// may meet the same stale word again makes a play endless for that search.
  Play(const char* title, unsigned threads, unsigned switches = 0) : title_(title), threads_(threads), switches_(switches) {}
  virtual ~Play() = default;
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  [[nodiscard]] const char* title() const { return title_; }
  [[nodiscard]] unsigned threads() const { return threads_; }
  [[nodiscard]] unsigned switches() const { return switches_; }

  // What relacy calls. Nothing here may allocate: relacy owns `new` while it runs.

  /// Makes the words and what stands in them before anybody moves. Everything that the play keeps is set anew.
  virtual void before() = 0;
  virtual void thread(unsigned index) = 0;
  /// Nobody is at work any more, and everything is known.
  virtual void after() {}

 protected:
  [[nodiscard]] static Word* words() { return Memory::instance().words(); }
  static void make(const Word* first, std::size_t count, std::uint64_t value = 0) {
    Memory::instance().make(first, count, value);
  }

 private:
  const char* title_;
  unsigned threads_;
  unsigned switches_;
};

// The plays of each structure; they live as long as the process.
std::vector<Play*> ring_plays();
std::vector<Play*> event_table_plays();
std::vector<Play*> ledger_plays();

}  // namespace signalbox::relacy

/// RL_ASSERT with the invariant's name, which is in the report.
#define KEEPS(condition, invariant) RL_ASSERT((condition) && invariant)
