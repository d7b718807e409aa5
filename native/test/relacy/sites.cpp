#include "sites.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace signalbox::relacy {

namespace {

constexpr const char* kRing = "snapshot_ring.hpp";
constexpr const char* kTable = "event_table.hpp";
constexpr const char* kIndex = "id_index.hpp";
constexpr const char* kLive = "live_map.hpp";
constexpr const char* kLedger = "reservation_ledger.hpp";

std::vector<Site> table() {
  return {
      {"C1", "ring", kRing, "bool try_claim_writer(", "compare_exchange_strong("},
      {"C2", "ring", kRing, "void release_writer(", "compare_exchange_strong("},
      {"W2", "ring", kRing, "std::uint64_t publish(", "(W2)"},
      {"W3", "ring", kRing, "std::uint64_t publish(", "(W3)"},
      {"W4", "ring", kRing, "std::uint64_t publish(", "(W4)"},
      {"R1", "ring", kRing, "ReadResult read(", "(R1)"},
      {"R2", "ring", kRing, "ReadResult read(", "(R2)"},
      {"R3", "ring", kRing, "ReadResult read(", "(R3)"},

      {"G1", "events", kIndex, "Walk walk(", "(G1)"},
      {"find.next", "events", kIndex, "Walk walk(", "next = entry[layout::kEntryNext].load("},
      {"find.state", "events", kIndex, "Walk walk(", "state = entry[layout::kEntryState].load("},
      {"find.fence", "events", kIndex, "Walk walk(", "fence(std::memory_order_acquire)"},
      {"counts", "events", kIndex, "bool counts(", "bucket.load("},
      {"G9", "events", kIndex, "bool try_insert(", "(G9)"},
      {"G4", "events", kIndex, "bool try_insert(", "bucket.compare_exchange_strong("},
      {"T2", "events", kIndex, "bool remove(", "(T2)"},
      {"T4", "events", kIndex, "bool remove(", "(T4)"},
      {"unlink.head", "events", kIndex, "Chain unlink(Word& bucket) const", "head = bucket.load("},
      {"unlink.next", "events", kIndex, "Chain unlink(Word& bucket) const", "next.load("},
      {"T3", "events", kIndex, "Chain unlink(Word& bucket) const", "before->compare_exchange_strong("},
      {"unlink.check", "events", kIndex, "Chain unlink(Word& bucket) const", "if (bucket.load("},

      {"G5", "events", kLive, "void set(", "fetch_or("},
      {"live.clear", "events", kLive, "void clear(", "fetch_and("},
      {"S1", "events", kLive, "bool load_line(", "(S1)"},

      {"get_by_id.fence", "events", kTable, "Status get_by_id(", "fence(std::memory_order_acquire)"},
      {"id_of.state", "events", kTable, "std::uint32_t id_of(", "load(std::memory_order_acquire)"},
      {"id_of.fence", "events", kTable, "std::uint32_t id_of(", "fence(std::memory_order_acquire)"},
      {"transition.state", "events", kTable, "Status transition(", "state.load("},
      {"L1", "events", kTable, "Status transition(", "state.compare_exchange_weak("},
      {"spend.state", "ledger", kTable, "Status spend(", "state.load("},
      {"B2", "ledger", kTable, "Status spend(", "state.compare_exchange_weak("},
      {"B1.state", "ledger", kTable, "bool may_reserve(", "load(std::memory_order_acquire)"},
      {"B1.fence", "ledger", kTable, "bool may_reserve(", "fence(std::memory_order_acquire)"},
      {"retire.state", "events", kTable, "Status retire(", "state.load("},
      {"T1", "events", kTable, "Status retire(", "state.compare_exchange_weak("},
      {"G8", "events", kTable, "bool make_live(", "compare_exchange_strong("},
      {"V1", "events", kTable, "bool copy(", "(V1)"},
      {"V2", "events", kTable, "bool copy(", "(V2)"},
      {"claim.hints", "events", kTable, "std::size_t claim(", "free_[word].load("},
      {"claim.hint", "events", kTable, "std::size_t claim(", "free_[word].fetch_and("},
      {"G7", "events", kTable, "std::size_t claim(", "state.compare_exchange_strong("},
      {"G3", "events", kTable, "std::uint64_t fill(", "fence(std::memory_order_release)"},
      {"G6", "events", kTable, "std::uint64_t fill(", "(G6)"},
      {"abandon", "events", kTable, "void abandon(", "state.store("},
      {"hint", "events", kTable, "void hint(", "fetch_or("},
      {"T5", "events", kTable, "bool dispose(", "kEntryState].store("},

      {"A1", "ledger", kLedger, "std::uint64_t load_copy()", "(A1)"},
      {"A3", "ledger", kLedger, "bool is_current(", "(A3)"},
      {"A5", "ledger", kLedger, "bool commit(", "root_->compare_exchange_strong("},
      {"A6", "ledger", kLedger, "bool commit(", "(A6)"},
  };
}

const char* base_name(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash != nullptr ? slash + 1 : path;
}

void find_line(Site& site) {
  std::ifstream lines(std::string(SIGNALBOX_CORE_COPY "/sync/") + site.file);
  std::string line;
  bool is_behind = false;
  for (unsigned number = 1; std::getline(lines, line); ++number) {
    is_behind = is_behind || line.find(site.after) != std::string::npos;
    if (is_behind && line.find(site.text) != std::string::npos) {
      site.line = number;
      return;
    }
  }
  std::fprintf(stderr, "%s: no \"%s\" behind \"%s\": bring sites.cpp up to date\n", site.file, site.text, site.after);
  std::exit(2);
}

}  // namespace

const std::vector<Site>& sites() {
  static const std::vector<Site> found = [] {
    std::vector<Site> all = table();
    for (Site& site : all) find_line(site);
    return all;
  }();
  return found;
}

const Site* SiteCounter::count(const std::source_location& at, std::memory_order order) {
  std::size_t slot = (reinterpret_cast<std::uintptr_t>(at.file_name()) / 8 + at.line()) % kEntries;
  while (entries_[slot].file != nullptr && (entries_[slot].file != at.file_name() || entries_[slot].line != at.line())) {
    slot = (slot + 1) % kEntries;
  }
  Entry& entry = entries_[slot];
  if (entry.file == nullptr) {
    for (const Site& site : sites()) {
      if (site.line == at.line() && std::strcmp(site.file, base_name(at.file_name())) == 0) entry.site = &site;
    }
    if (entry.site == nullptr) {
      std::fprintf(stderr, "%s:%u is an ordered access without a name: add it to sites.cpp\n", base_name(at.file_name()), at.line());
      std::exit(2);
    }
    entry.file = at.file_name();
    entry.line = at.line();
  }
  entry.order = order;
  return entry.site;
}

bool SiteCounter::has(const Site* site, Half half) const {
  const std::memory_order other = half == Half::kAcquire ? std::memory_order_release : std::memory_order_acquire;
  for (const Entry& entry : entries_) {
    if (entry.site == site) return entry.order != other;
  }
  return false;
}

}  // namespace signalbox::relacy
