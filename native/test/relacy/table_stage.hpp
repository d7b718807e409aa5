/// A small event table for plays: two buckets, even ids in one and odd in the other, and few entries, so that they are soon reused.
#pragma once

#include "plays.hpp"

#include "sync/event_table.hpp"

namespace signalbox::relacy {

class TablePlay : public Play {
 public:
  using Play::Play;

 protected:
  static constexpr std::size_t kRecordWords = 2;
  static constexpr std::size_t kTypes = 2;
  /// As `layout` bounds it; only the first few have words.
  static constexpr std::size_t kCapacity = 64;
  static constexpr std::size_t kBuckets = 2;
  /// States 0 → 1 or 2, both final; all actionable.
  static constexpr std::uint64_t kTransitions = 0b110;
  static constexpr std::uint64_t kActionable = 0b111;
  /// Who writes in `before`.
  static constexpr std::uint64_t kNobody = 7;

  static EventId id_of(std::uint64_t number) { return {{number}, 8, static_cast<std::uint32_t>(number)}; }
  /// An event's type and symbol follow from its number, so that a mixture shows.
  static std::uint32_t type_of(std::uint64_t number) { return (number >> 2) & 1; }
  static std::uint32_t symbol_of(std::uint64_t number) { return static_cast<std::uint32_t>(number) + 10; }

  /// An empty table at the play's first words, of `entries` entries.
  void before_table(std::size_t entries) {
    entries_ = entries;
    table_ = EventTable(words(), kCapacity, kTypes, kBuckets, kRecordWords, kTransitions, kActionable);
    make(words(), 1, (std::uint64_t{1} << entries) - 1);
    make(words() + layout::event_live_offset(kCapacity), kTypes * layout::bitmap_words(kCapacity));
    make(words() + layout::event_buckets_offset(kCapacity, kTypes), kBuckets);
    for (std::size_t index = 0; index < entries; ++index) {
      make(entry_at(index), layout::kEntryMeta + 1);
      make(entry_at(index) + layout::kEntryId, layout::kIdWords + kRecordWords);
    }
  }
  static constexpr std::size_t table_words(std::size_t entries) {
    return layout::event_entries_offset(kCapacity, kTypes, kBuckets) + entries * layout::entry_words(kRecordWords);
  }
  static Word* entry_at(std::size_t index) {
    return words() + layout::event_entries_offset(kCapacity, kTypes, kBuckets) + index * layout::entry_words(kRecordWords);
  }

  std::uint64_t prepare(std::uint64_t number, std::uint64_t edition = 0) {
    bool is_new = false;
    return put(kNobody, number, edition, &is_new);
  }

  /// Registers event `number`; `edition` tells one of its lives from another. The handle, or 0 if the table was full.
  std::uint64_t put(std::uint64_t owner, std::uint64_t number, std::uint64_t edition, bool* is_new) {
    const std::uint64_t mark = number | edition << 32;
    const std::uint64_t record[kRecordWords] = {mark, ~mark};
    std::uint64_t handle = 0;
    const EventTable::Status status =
        table_.register_event(id_of(number), type_of(number), symbol_of(number), record, owner, &handle);
    KEEPS(status != EventTable::Status::kSpoilt, "REG-1: no race looks like spoilt bytes");
    *is_new = status == EventTable::Status::kOk;
    return handle;
  }

  /// REG-2 and REG-5 of a record and its view.
  void check(const std::uint64_t* record, const EventTable::EventView& view, std::uint64_t number) const {
    KEEPS(record[1] == ~record[0], "REG-2: a record is whole");
    KEEPS((record[0] & 0xffffffff) == number, "REG-2: a record is the event's own");
    KEEPS(view.type == type_of(number) && view.symbol == symbol_of(number), "REG-2: type and symbol are the event's own");
  }

  /// The edition by handle, or -1 if it is gone.
  int get(std::uint64_t handle, std::uint64_t number) const {
    std::uint64_t record[kRecordWords] = {};
    EventTable::EventView view{};
    if (table_.get(handle, record, &view) != EventTable::Status::kOk) return -1;
    check(record, view, number);
    KEEPS(view.handle == handle, "REG-5: a handle leads to its own event");
    return static_cast<int>(record[0] >> 32);
  }

  /// The live handle of `number`, or 0.
  std::uint64_t get_by_id(std::uint64_t number) const {
    std::uint64_t record[kRecordWords] = {};
    EventTable::EventView view{};
    const EventTable::Status status = table_.get_by_id(id_of(number), record, &view);
    KEEPS(status != EventTable::Status::kSpoilt, "REG-1: no race looks like spoilt bytes");
    if (status != EventTable::Status::kOk) return 0;
    check(record, view, number);
    return view.handle;
  }

  bool retire(std::uint64_t owner, std::uint64_t handle) {
    const EventTable::Status status = table_.retire(handle, owner);
    KEEPS(status != EventTable::Status::kSpoilt, "REG-1: no race looks like spoilt bytes");
    return status == EventTable::Status::kOk;
  }

  /// How many live events of `number` a scan of `type` gives; every row is whole.
  unsigned scan(std::uint32_t type, std::uint64_t number) const {
    constexpr std::size_t kRowWords = 4 + kRecordWords;
    constexpr std::size_t kRowsMax = 8;
    std::uint64_t rows[kRowsMax * kRowWords];
    const std::size_t count = table_.scan(type, rows, kRowsMax);
    KEEPS(count <= entries_, "REG-4: a scan gives no more rows than there are entries");
    unsigned found = 0;
    for (std::size_t row = 0; row < count; ++row) {
      const std::uint64_t* at = rows + row * kRowWords;
      const std::uint64_t its_number = at[4] & 0xffffffff;
      KEEPS(at[5] == ~at[4], "REG-4: a scanned record is whole");
      KEEPS((at[3] & 0xffffffff) == type_of(its_number) && at[3] >> 32 == symbol_of(its_number), "REG-4: a row is one event's");
      found += its_number == number;
    }
    return found;
  }

  /// Nobody is at work: every entry is live, linked once and announced, or free, not linked and hinted at. `live`: how many there
  /// have to be.
  void audit(std::size_t live) const {
    const Word* buckets = words() + layout::event_buckets_offset(kCapacity, kTypes);
    unsigned linked[8] = {};
    std::size_t steps = 0;
    constexpr std::uint64_t kIndexMask = (std::uint64_t{1} << layout::kLinkIndexBits) - 1;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      for (std::uint64_t at = now(buckets + bucket) & kIndexMask; at != 0;) {
        KEEPS(at <= entries_ && ++steps <= entries_, "a chain ends");
        KEEPS((now(entry_at(at - 1) + layout::kEntryId) & 1) == bucket, "an entry is in its own id's chain");
        ++linked[at - 1];
        at = now(entry_at(at - 1) + layout::kEntryNext) & kIndexMask;
      }
    }
    std::size_t found = 0;
    for (std::size_t index = 0; index < entries_; ++index) {
      const std::uint64_t state = now(entry_at(index) + layout::kEntryState);
      const std::uint64_t meta = now(entry_at(index) + layout::kEntryMeta);
      const bool is_live = phase_of(state) == layout::kPhaseLive;
      found += is_live;
      KEEPS(is_live || phase_of(state) == layout::kPhaseFree, "no entry is lost half done");
      KEEPS(linked[index] == (is_live ? 1u : 0u), "an entry is in the chain once if it is live, else not");
      KEEPS(is_live || ((now(words()) >> index) & 1) != 0, "a free entry is hinted at");
      for (std::uint32_t type = 0; type < kTypes; ++type) {
        const Word* map = words() + layout::event_live_offset(kCapacity) + type * layout::bitmap_words(kCapacity);
        const bool bit = ((now(map) >> index) & 1) != 0;
        KEEPS(bit == (is_live && type == signalbox::type_of(meta)), "REG-4: a live bit is set while its event is live");
      }
    }
    KEEPS(found == live, "REG-1: as many events are live as registers and retires leave");
  }
  static std::uint64_t now(const Word* word) { return word->load(std::memory_order_relaxed); }

  EventTable table_;
  std::size_t entries_ = 0;
};

}  // namespace signalbox::relacy
