/// What the core's orderings are worth under relacy: each ordered half of each access stands in this table, weakened alone or
/// together with those that stand in for it. `relacy_check SUBJECT --sweep` plays the whole table again.
///
/// What relacy cannot show at all: it runs stores in the order of the program, so an acquire that keeps a store from moving up in
/// front of it looks idle; a compare-and-swap that fails has read the newest value; a thread's own relaxed store goes on with its
/// release (C++11; C++20 has given that up); and seq_cst is no more than acq_rel where no load is seq_cst. The explorer in
/// native/test/model shares the first two and not the third.
///
/// A fault is a list of halves that are left out: "W2-release", "W3-release+W4-release".
#pragma once

#include <string>
#include <vector>

#include "memory.hpp"

namespace signalbox::relacy {

enum class Verdict {
  /// A play breaks. ctest has an entry for each.
  kSeen,
  /// No play breaks, and `why` says what stands in for it, or what relacy cannot show.
  kUnseen,
};

struct Canary {
  Verdict verdict;
  const char* subject;
  const char* fault;
  const char* why;
};

const std::vector<Canary>& canaries();

/// Ends the process if a name is none.
std::vector<Weakening> weakenings_of(const std::string& fault);
std::string name_of(const Site& site, Half half);
/// True if the table has the half, alone or with others.
bool is_weighed(const Site& site, Half half);

}  // namespace signalbox::relacy
