/// A word of shared memory as relacy sees it: eight bytes that hold nothing. Every access goes to the `rl::atomic` that stands for
/// the word's address in the running execution (memory.hpp). It stands in for `std::atomic<std::uint64_t>` in copies of the core's
/// headers (CMakeLists.txt beside it makes them). Nothing of relacy is seen here: its macros would rewrite the core.
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>

namespace signalbox::relacy {

class Word {
 public:
  static constexpr bool is_always_lock_free = true;

  std::uint64_t load(std::memory_order order, std::source_location at = std::source_location::current()) const noexcept;
  void store(std::uint64_t value, std::memory_order order, std::source_location at = std::source_location::current()) noexcept;
  bool compare_exchange_strong(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                               std::memory_order failure, std::source_location at = std::source_location::current()) noexcept;
  /// Fails without a reason now and then, as the language allows.
  bool compare_exchange_weak(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                             std::memory_order failure, std::source_location at = std::source_location::current()) noexcept;
  std::uint64_t fetch_or(std::uint64_t bits, std::memory_order order, std::source_location at = std::source_location::current()) noexcept;
  std::uint64_t fetch_and(std::uint64_t bits, std::memory_order order, std::source_location at = std::source_location::current()) noexcept;
  std::uint64_t fetch_add(std::uint64_t added, std::memory_order order, std::source_location at = std::source_location::current()) noexcept;

 private:
  /// Never read; it gives the word its size, and so its address.
  std::uint64_t unused_;
};

/// Stands in for `std::atomic_thread_fence`.
void fence(std::memory_order order, std::source_location at = std::source_location::current()) noexcept;

}  // namespace signalbox::relacy
