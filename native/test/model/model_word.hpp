/// A word of shared memory as the explorer sees it: eight bytes, every access handed to the running execution. It stands in for
/// `std::atomic<std::uint64_t>` in copies of the core's headers (CMakeLists.txt beside it makes them), so that what is explored
/// is the code that ships, not a model of it. Outside an execution it is a plain word.
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>

#include "taken_out.hpp"

namespace signalbox::model {

/// Where in the core an access stands.
using Site = std::source_location;

class Word {
 public:
  static constexpr bool is_always_lock_free = true;

  std::uint64_t load(std::memory_order order, Site site = Site::current()) const noexcept;
  void store(std::uint64_t value, std::memory_order order, Site site = Site::current()) noexcept;
  bool compare_exchange_strong(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                               std::memory_order failure, Site site = Site::current()) noexcept;
  bool compare_exchange_weak(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                             std::memory_order failure, Site site = Site::current()) noexcept {
    return compare_exchange_strong(expected, desired, success, failure, site);
  }
  std::uint64_t fetch_or(std::uint64_t bits, std::memory_order order, Site site = Site::current()) noexcept;
  std::uint64_t fetch_and(std::uint64_t bits, std::memory_order order, Site site = Site::current()) noexcept;
  std::uint64_t fetch_add(std::uint64_t added, std::memory_order order, Site site = Site::current()) noexcept;

 private:
  std::uint64_t value_;
};

/// Stands in for `std::atomic_thread_fence`.
void fence(std::memory_order order, Site site = Site::current()) noexcept;

}  // namespace signalbox::model
