/// What threads did to one event id and what they were told, and whether some order of it is possible (linearizability).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explorer.hpp"

namespace signalbox::model {

enum class Kind { kRegister, kGetById, kRetire };

/// A finished call. `handle`: what register or get_by_id gave back, what retire was given. `took`: kOk rather than kExists or
/// kGone.
struct Call {
  Kind kind;
  std::uint64_t id;
  std::uint64_t handle;
  bool took;
  Moment begin;
  Moment end;
};

/// True if the calls on one id, whose live handle was `live` (0: none) at first, can be put in an order that keeps what
/// precedes what and gives every call its answer.
class Linearizer {
 public:
  explicit Linearizer(std::vector<Call> calls) : calls_(std::move(calls)), done_(calls_.size(), false) {}

  [[nodiscard]] bool accepts(std::uint64_t live, std::size_t placed = 0) {
    if (placed == calls_.size()) return true;
    for (std::size_t next = 0; next < calls_.size(); ++next) {
      if (done_[next] || !is_minimal(next)) continue;
      std::uint64_t after = live;
      if (!apply(calls_[next], &after)) continue;
      done_[next] = true;
      if (accepts(after, placed + 1)) return true;
      done_[next] = false;
    }
    return false;
  }

 private:
  /// True if no call that is still to be placed ended before this one began.
  [[nodiscard]] bool is_minimal(std::size_t next) const {
    for (std::size_t other = 0; other < calls_.size(); ++other) {
      if (other != next && !done_[other] && precedes(calls_[other].end, calls_[next].begin)) return false;
    }
    return true;
  }

  static bool apply(const Call& call, std::uint64_t* live) {
    switch (call.kind) {
      case Kind::kRegister:
        if (!call.took) return *live == call.handle;
        if (*live != 0) return false;
        *live = call.handle;
        return true;
      case Kind::kGetById:
        return call.took ? *live == call.handle : *live == 0;
      case Kind::kRetire:
        if (!call.took) return *live != call.handle;
        if (*live != call.handle) return false;
        *live = 0;
        return true;
    }
    return false;
  }

  std::vector<Call> calls_;
  std::vector<bool> done_;
};

}  // namespace signalbox::model
