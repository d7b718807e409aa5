/// The event table under threads: relations inside the records, owners counted outside the table, and nothing lost at the end.
#include <atomic>
#include <string>
#include <vector>

#include "check.hpp"
#include "region_image.hpp"

namespace signalbox::test {

namespace {

using Status = EventTable::Status;

constexpr std::size_t kThreads = 3;
constexpr std::size_t kIds = 40;
constexpr std::size_t kTypes = 4;
constexpr std::size_t kRowWords = 4 + 4;

/// A record says whose it is, and vouches for itself.
struct Record {
  std::uint64_t id;
  std::uint64_t thread;
  std::uint64_t number;
  std::uint64_t sum;

  static Record of(std::uint64_t id, std::uint64_t thread, std::uint64_t number) {
    return {id, thread, number, (id + 1) * (thread + 3) ^ (number * 0x9e3779b97f4a7c15ull)};
  }
  [[nodiscard]] bool is_whole() const { return sum == of(id, thread, number).sum; }
};

Record read_record(const std::uint64_t* words) {
  Record record;
  std::memcpy(&record, words, sizeof record);
  return record;
}

struct Ground {
  /// Few buckets, so that neighbours meet; a little more room than ids, so that entries are reused at once.
  explicit Ground(std::uint64_t buckets) : image({.capacity = 64, .buckets = buckets, .types = kTypes}) {
    for (std::size_t thread = 0; thread < kThreads; ++thread) attachments.push_back(image.attach());
    for (std::size_t id = 0; id < kIds; ++id) ids.push_back(make_id("event_" + std::to_string(id)));
  }

  Status register_event(std::size_t thread, const Record& record, std::uint32_t type, std::uint64_t* handle) {
    std::uint64_t words[4];
    std::memcpy(words, &record, sizeof words);
    return attachments[thread]->events().register_event(ids[record.id], type, 0, words, attachments[thread]->participant(),
                                                        handle);
  }
  Status retire(std::size_t thread, std::uint64_t handle) {
    return attachments[thread]->events().retire(handle, attachments[thread]->participant());
  }
  EventTable& events(std::size_t thread) { return attachments[thread]->events(); }

  /// No entry was lost: all of them can be live at once.
  void check_nothing_is_lost() {
    CHECK(events(0).count_live() == 0);
    const std::uint64_t words[4] = {};
    for (std::size_t index = 0; index < 64; ++index) {
      std::uint64_t handle = 0;
      CHECK(events(0).register_event(make_id("all room is there " + std::to_string(index)), 0, 0, words,
                                     attachments[0]->participant(), &handle) == Status::kOk);
    }
  }

  RegionImage image;
  std::vector<std::unique_ptr<Attachment>> attachments;
  std::vector<EventId> ids;
};

/// Everybody retires only what he registered: then owners can be counted, and own events have to be found.
void owners_churn(std::uint64_t seed) {
  Ground ground(8);
  std::atomic<std::uint64_t> owner[kIds] = {};
  std::atomic<std::uint64_t> registered{0};
  std::atomic<std::uint64_t> existing{0};
  run_threads(kThreads, [&](std::size_t thread) {
    EventTable& events = ground.events(thread);
    Random random(seed + thread);
    Deadline deadline;
    struct Own {
      std::uint64_t handle = 0;
      Record record{};
      std::uint32_t type = 0;
      std::uint32_t lifecycle = 0;
      std::uint64_t stale = 0;
    };
    std::vector<Own> own(kIds);
    std::vector<std::uint64_t> rows(64 * kRowWords);
    std::uint64_t words[4];
    EventTable::EventView view{};
    std::uint64_t number = 0;
    while (!deadline.is_over()) {
      const std::uint64_t id = random.below(kIds);
      Own& mine = own[id];
      switch (random.below(6)) {
        case 0:
        case 1: {
          std::uint64_t handle = 0;
          const auto type = static_cast<std::uint32_t>(random.below(kTypes));
          const Record record = Record::of(id, thread, ++number);
          const Status status = ground.register_event(thread, record, type, &handle);
          CHECK(status == Status::kOk || status == Status::kExists);
          if (status == Status::kOk) {
            CHECK(owner[id].exchange(thread + 1) == 0);  // REG-1
            CHECK(mine.handle == 0);
            mine = {handle, record, type, 0, mine.stale};
            registered.fetch_add(1, std::memory_order_relaxed);
          } else {
            CHECK(mine.handle == 0 || handle == mine.handle);  // REG-1
            existing.fetch_add(1, std::memory_order_relaxed);
          }
          break;
        }
        case 2: {
          if (mine.handle == 0) break;
          owner[id].store(0);
          CHECK(ground.retire(thread, mine.handle) == Status::kOk);
          CHECK(ground.retire(thread, mine.handle) == Status::kGone);
          mine = {0, {}, 0, 0, mine.handle};
          break;
        }
        case 3: {
          const Status status = events.get_by_id(ground.ids[id], words, &view);
          if (status == Status::kOk) {
            const Record record = read_record(words);
            CHECK(record.is_whole() && record.id == id);  // REG-2
          }
          if (mine.handle != 0) {
            CHECK(status == Status::kOk && view.handle == mine.handle && view.type == mine.type);
            CHECK(view.lifecycle == mine.lifecycle);
            CHECK(read_record(words).number == mine.record.number);
            CHECK(events.get(mine.handle, words, &view) == Status::kOk);
          }
          if (mine.stale != 0) CHECK(events.get(mine.stale, words, &view) == Status::kGone);  // REG-5
          break;
        }
        case 4: {
          if (mine.handle == 0) break;
          std::uint32_t before = 0;
          const auto to = static_cast<std::uint32_t>(random.below(5));
          const bool is_legal = mine.lifecycle < 3 && to > mine.lifecycle;
          CHECK(events.transition(mine.handle, to, &before) == (is_legal ? Status::kOk : Status::kIllegal));  // REG-3
          CHECK(before == mine.lifecycle);
          if (is_legal) mine.lifecycle = to;
          break;
        }
        default: {
          const bool all = random.below(3) == 0;
          const auto type = static_cast<std::uint32_t>(random.below(kTypes));
          const std::size_t found = events.scan(all ? EventTable::kAllTypes : type, rows.data(), 64);
          CHECK(found <= 64);
          std::size_t own_found = 0;
          for (std::size_t row = 0; row < found; ++row) {
            const std::uint64_t* at = rows.data() + row * kRowWords;
            const Record record = read_record(at + 4);
            CHECK(record.is_whole());
            CHECK(all || (at[3] & 0xffffffff) == type);
            if (record.thread == thread && own[record.id].handle == at[0]) ++own_found;
          }
          std::size_t own_live = 0;
          for (const Own& each : own) own_live += each.handle != 0 && (all || each.type == type);
          CHECK(own_found == own_live);  // REG-4
        }
      }
    }
    // The others may still be at it.
    for (std::size_t id = 0; id < kIds; ++id) {
      if (own[id].handle == 0) continue;
      owner[id].store(0);
      CHECK(ground.retire(thread, own[id].handle) == Status::kOk);
    }
  });
  CHECK(registered.load() > 100 && existing.load() > 100);
  ground.check_nothing_is_lost();
}

/// Everybody retires whatever he meets, also what somebody is just registering: every handle is retired exactly once.
void strangers_churn(std::uint64_t seed) {
  Ground ground(8);
  std::atomic<std::uint64_t> registered{0};
  std::atomic<std::uint64_t> retired{0};
  run_threads(kThreads, [&](std::size_t thread) {
    EventTable& events = ground.events(thread);
    Random random(seed + thread);
    Deadline deadline;
    std::vector<std::uint64_t> rows(64 * kRowWords);
    std::uint64_t words[4];
    EventTable::EventView view{};
    std::uint64_t number = 0;
    while (!deadline.is_over()) {
      const std::uint64_t id = random.below(4);
      if (random.below(2) == 0) {
        std::uint64_t handle = 0;
        const Record record = Record::of(id, thread, ++number);
        const Status status = ground.register_event(thread, record, static_cast<std::uint32_t>(random.below(kTypes)), &handle);
        CHECK(status == Status::kOk || status == Status::kExists);
        if (status == Status::kOk) {
          registered.fetch_add(1, std::memory_order_relaxed);
          // My handle leads to my event or nowhere.
          if (events.get(handle, words, &view) == Status::kOk) {
            const Record read = read_record(words);
            CHECK(read.thread == thread && read.number == number && read.id == id);
          }
        } else if (random.below(2) == 0 && ground.retire(thread, handle) == Status::kOk) {
          retired.fetch_add(1, std::memory_order_relaxed);
        }
      } else if (random.below(3) != 0) {
        if (events.get_by_id(ground.ids[id], words, &view) != Status::kOk) continue;
        CHECK(read_record(words).is_whole() && read_record(words).id == id);
        if (ground.retire(thread, view.handle) == Status::kOk) retired.fetch_add(1, std::memory_order_relaxed);
      } else {
        const std::size_t found = events.scan(EventTable::kAllTypes, rows.data(), 64);
        CHECK(found <= 64);
        for (std::size_t row = 0; row < found; ++row) {
          CHECK(read_record(rows.data() + row * kRowWords + 4).is_whole());
          if (random.below(2) == 0 && ground.retire(thread, rows[row * kRowWords]) == Status::kOk) {
            retired.fetch_add(1, std::memory_order_relaxed);
          }
        }
      }
    }
  });
  std::vector<std::uint64_t> rows(64 * kRowWords);
  const std::size_t left = ground.events(0).scan(EventTable::kAllTypes, rows.data(), 64);
  for (std::size_t row = 0; row < left; ++row) CHECK(ground.retire(0, rows[row * kRowWords]) == Status::kOk);
  CHECK(registered.load() == retired.load() + left);
  CHECK(registered.load() > 100);
  ground.check_nothing_is_lost();
}

/// A table that is always nearly full, its entries changing their types under scans of all types.
void crowded(std::uint64_t seed) {
  Ground ground(64);
  run_threads(kThreads, [&](std::size_t thread) {
    EventTable& events = ground.events(thread);
    Random random(seed + thread);
    Deadline deadline(kStressTime / 2);
    // One guard row behind the page: what is written there is written out of bounds.
    std::vector<std::uint64_t> rows(65 * kRowWords, 0x5a5a);
    std::vector<std::uint64_t> own;
    std::uint64_t number = 0;
    while (!deadline.is_over()) {
      if (thread > 0) {
        const std::uint64_t words[4] = {};
        std::uint64_t handle = 0;
        const EventId id = make_id(std::to_string(thread) + "_" + std::to_string(++number));
        const Status status = events.register_event(id, static_cast<std::uint32_t>(random.below(kTypes)), 0, words,
                                                    ground.attachments[thread]->participant(), &handle);
        if (status == Status::kOk) own.push_back(handle);
        else CHECK(status == Status::kFull);
        if (own.size() > 31) {
          CHECK(ground.retire(thread, own.back()) == Status::kOk);
          own.pop_back();
        }
        continue;
      }
      const std::size_t found = events.scan(EventTable::kAllTypes, rows.data(), 64);
      CHECK(found <= 64);
      CHECK(rows[64 * kRowWords] == 0x5a5a);
    }
    for (const std::uint64_t handle : own) CHECK(ground.retire(thread, handle) == Status::kOk);
  });
  ground.check_nothing_is_lost();
}

}  // namespace

const Suite kEventStressSuite{
    "events-stress",
    {
        {"events: one owner an id, own events always found and scanned, records whole, no entry lost", owners_churn},
        {"events: every handle is retired once, and leads to its own event or nowhere, whoever retires what", strangers_churn},
        {"events: a crowded table never scans more rows than it has entries", crowded},
    }};

}  // namespace signalbox::test
