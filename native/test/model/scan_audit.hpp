/// What threads' scans gave, and whether that is what is promised of them (REG-4, and the head of event_table.hpp): every event
/// that was live throughout is in it once; each row is a registered event, whole, in a state that it had at some moment of the
/// scan. What came or went meanwhile may be in it or not.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "history.hpp"

namespace signalbox::model {

struct ScannedRow {
  std::uint64_t handle;
  std::uint32_t lifecycle;
  std::uint32_t type;
  /// From the record, which was seen to be whole.
  std::uint64_t id;
};

/// `wanted`: the type asked for, or EventTable::kAllTypes.
struct Scan {
  std::uint32_t wanted;
  std::vector<ScannedRow> rows;
  Moment begin;
  Moment end;
};

/// One that took effect.
struct Move {
  std::uint64_t handle;
  std::uint32_t from;
  std::uint32_t to;
  Moment begin;
  Moment end;
};

/// An event whose register succeeded. Live before anything ran, or from a register among the calls.
struct Registered {
  std::uint64_t id;
  std::uint32_t type;
};

class ScanAudit {
 public:
  ScanAudit(const std::vector<Call>& calls, const std::vector<Move>& moves, const std::vector<Scan>& scans,
            const std::map<std::uint64_t, Registered>& events, const std::map<std::uint64_t, std::uint64_t>& initial)
      : calls_(calls), moves_(moves), scans_(scans), events_(events) {
    for (const auto& [id, handle] : initial) initial_.insert(handle);
  }

  /// Empty, or what the first scan that broke a promise did.
  [[nodiscard]] std::string fault() const {
    for (const Scan& scan : scans_) {
      std::set<std::uint64_t> given;
      for (const ScannedRow& row : scan.rows) {
        if (!given.insert(row.handle).second) return "a scan gave a handle twice";
        if (const char* fault = fault_of(row, scan)) return fault;
      }
      for (const auto& [handle, event] : events_) {
        const bool is_wanted = scan.wanted == EventTable::kAllTypes || scan.wanted == event.type;
        if (is_wanted && given.count(handle) == 0 && is_live_throughout(handle, scan)) {
          return "a scan left out an event that was live throughout it";
        }
      }
    }
    return {};
  }

 private:
  [[nodiscard]] const char* fault_of(const ScannedRow& row, const Scan& scan) const {
    const auto found = events_.find(row.handle);
    if (found == events_.end()) return "a scan gave an event whose register did not succeed";
    if (row.id != found->second.id || row.type != found->second.type) return "a scan gave a handle with another event's record or type";
    if (scan.wanted != EventTable::kAllTypes && scan.wanted != row.type) return "a scan gave an event of a type that was not asked for";
    for (const Call& call : calls_) {
      if (call.handle != row.handle || !call.took) continue;
      if (call.kind == Kind::kRegister && precedes(scan.end, call.begin)) return "a scan gave an event before its register began";
      if (call.kind == Kind::kRetire && precedes(call.end, scan.begin)) return "a scan gave an event that was retired before it";
    }
    bool was_entered = row.lifecycle == 0;
    for (const Move& move : moves_) {
      if (move.handle != row.handle) continue;
      if (move.to == row.lifecycle && !precedes(scan.end, move.begin)) was_entered = true;
      if (move.from == row.lifecycle && precedes(move.end, scan.begin)) return "a scan gave a state that its event had left before";
    }
    return was_entered ? nullptr : "a scan gave a state to which nobody had moved its event";
  }

  [[nodiscard]] bool is_live_throughout(std::uint64_t handle, const Scan& scan) const {
    bool was_found = initial_.count(handle) != 0;
    for (const Call& call : calls_) {
      if (call.handle != handle) continue;
      if (call.kind != Kind::kRetire) was_found = was_found || precedes(call.end, scan.begin);
      else if (call.took && !precedes(scan.end, call.begin)) return false;
    }
    for (const Move& move : moves_) was_found = was_found || (move.handle == handle && precedes(move.end, scan.begin));
    for (const Scan& other : scans_) {
      if (was_found || !precedes(other.end, scan.begin)) continue;
      for (const ScannedRow& row : other.rows) was_found = was_found || row.handle == handle;
    }
    return was_found;
  }

  const std::vector<Call>& calls_;
  const std::vector<Move>& moves_;
  const std::vector<Scan>& scans_;
  const std::map<std::uint64_t, Registered>& events_;
  std::set<std::uint64_t> initial_;
};

}  // namespace signalbox::model
