/// Checks, seeds and tests for the native core: just enough to say what broke, where, and under which seed. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace signalbox::test {

/// One test: its title is a sentence about behaviour.
struct Test {
  const char* title;
  void (*run)(std::uint64_t seed);
};

struct Suite {
  const char* name;
  std::vector<Test> tests;
};

extern const Suite kRegionSuite;
extern const Suite kEventTableSuite;
extern const Suite kLedgerSuite;
extern const Suite kRingStressSuite;
extern const Suite kEventStressSuite;
extern const Suite kLedgerStressSuite;
extern const Suite kDeathSuite;
extern const Suite kSpoiltSuite;

/// Ends the process with 1 and the place that broke: a broken invariant has no "next check" worth running.
[[noreturn]] inline void fail(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "  broken: %s (%s:%d)\n", condition, file, line);
  std::fflush(nullptr);
  std::_Exit(1);
}

#define CHECK(condition) ((condition) ? static_cast<void>(0) : ::signalbox::test::fail(#condition, __FILE__, __LINE__))

/// splitmix64: one word of state, every seed good, the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15ull);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
    return mixed ^ (mixed >> 31);
  }
  /// A number in 0 … count − 1.
  std::uint64_t below(std::uint64_t count) noexcept { return next() % count; }

 private:
  std::uint64_t state_;
};

/// How long a stress test hammers.
inline constexpr std::chrono::milliseconds kStressTime{1200};

/// Ends after `kStressTime`; reads the clock only now and then, so that it does not slow the hammering down.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds time = kStressTime) noexcept
      : end_(std::chrono::steady_clock::now() + time) {}

  [[nodiscard]] bool is_over() noexcept {
    if (++calls_ % 256 != 0) return over_;
    over_ = over_ || std::chrono::steady_clock::now() >= end_;
    return over_;
  }

 private:
  std::chrono::steady_clock::time_point end_;
  std::uint64_t calls_ = 0;
  bool over_ = false;
};

/// Runs `body(thread index)` on `count` threads and waits for all of them.
template <typename Body>
void run_threads(std::size_t count, Body body) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t index = 0; index < count; ++index) threads.emplace_back([&body, index] { body(index); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace signalbox::test
