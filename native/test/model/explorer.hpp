/// Runs a few threads over shared words in every order that a budget of deviations allows, under C++'s memory model.
///
/// A step is one atomic operation or fence of the code under test. At every step the explorer may switch to another thread
/// (a preemption), let a mortal thread die, or let a load return an older value that coherence and happens-before still
/// permit: each costs one of the budget. Up to the budget the search is exhaustive; beyond it, it draws at random.
///
/// The model. Per word the stores in modification order, each with the clock that an acquire of it brings; per thread a
/// vector clock, the clock of its last release fence, and what its relaxed loads would bring with an acquire fence. A load
/// may return any store not older than one that the thread knows of (Norris and Demsky, "CDSChecker", 2013; Vyukov's Relacy).
/// Not modelled: a store that enters the modification order anywhere but last, a compare-and-swap that fails on an old value or
/// for no reason, and seq_cst beyond acquire and release.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace signalbox::model {

inline constexpr std::size_t kThreadsMax = 4;

struct Clock {
  std::uint32_t at[kThreadsMax] = {};
  void join(const Clock& other) noexcept {
    for (std::size_t thread = 0; thread < kThreadsMax; ++thread) {
      if (other.at[thread] > at[thread]) at[thread] = other.at[thread];
    }
  }
};

/// The beginning or the end of an operation.
struct Moment {
  std::size_t thread;
  std::uint32_t time;
  Clock clock;
};
/// True if what ended at `end` happened before what began at `begin`, as far as the program can know.
inline bool precedes(const Moment& end, const Moment& begin) noexcept {
  return begin.clock.at[end.thread] >= end.time;
}

struct Scenario {
  std::string title;
  /// The words that the threads share; copied back before every execution.
  std::uint64_t* words = nullptr;
  std::size_t word_count = 0;
  /// Forgets what the last execution left outside the words.
  std::function<void()> reset;
  std::vector<std::function<void()>> threads;
  /// After all threads have ended: what must hold then. Reports with `broken`.
  std::function<void()> audit;
  /// How many of the first threads may die at any step.
  std::size_t mortal = 0;
  /// Names a word in a trace.
  std::function<std::string(std::size_t)> name;
};

struct Budget {
  /// Deviations up to which the search is exhaustive, unless it comes to `executions_max`.
  unsigned deviations = 2;
  std::uint64_t executions_max = 150'000;
  /// Executions drawn at random after that, with up to `random_deviations` each.
  std::uint64_t random_executions = 10'000;
  unsigned random_deviations = 7;
};

/// Faults that can be put in, so that a canary can prove that the search sees them.
struct Fault {
  enum class Kind {
    kNone,
    kNoAcquireFences,
    kNoReleaseFences,
    /// Acquire loads and read-modify-writes are relaxed.
    kNoAcquires,
    kNoReleases,
    /// A compare-and-swap is a load, and later a store.
    kCheckThenAct,
    /// The raise of a bucket's tag, the only addition, does nothing.
    kNoAdditions,
    /// The mark on a retired entry's link is not set.
    kNoMarks,
    /// What stands at `site` is relaxed.
    kRelaxedSite,
    /// `checks` are taken out.
    kTakenOut,
  };
  Kind kind = Kind::kNone;
  std::string site = {};
  std::vector<std::size_t> checks = {};
};

struct Outcome {
  std::uint64_t executions = 0;
  bool is_exhaustive = true;
  /// Empty, or what broke, followed by the interleaving that broke it.
  std::string fault;
  /// Every ordered access that was met, as file:line, with what it is.
  std::map<std::string, std::string> sites;
};

Outcome explore(const Scenario& scenario, const Budget& budget, std::uint64_t seed, const Fault& fault = {});

// For the bodies of threads and audits.

/// Ends this execution's search with a fault.
void broken(const std::string& what);
/// The present moment of the running thread: take one before and one after an operation.
Moment moment();
/// A line of the trace.
void note(const std::string& text);
/// Waits until `thread` has ended or died, and knows from then on all that it did. True if it died.
bool wait_for_end(std::size_t thread);

}  // namespace signalbox::model
