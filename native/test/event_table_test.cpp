/// The contract of the event table, one thread.
#include <set>
#include <string>

#include "check.hpp"
#include "region_image.hpp"

namespace signalbox::test {

namespace {

using Status = EventTable::Status;

constexpr std::uint64_t kRecord[4] = {10, 20, 30, 40};

struct Table {
  explicit Table(const Shape& shape = {}) : image(shape), attachment(image.attach()) {}

  EventTable& events() { return attachment->events(); }
  Status register_event(const std::string& id, std::uint32_t type, std::uint32_t symbol, std::uint64_t* handle) {
    return events().register_event(make_id(id), type, symbol, kRecord, attachment->participant(), handle);
  }
  std::uint64_t must_register(const std::string& id, std::uint32_t type = 0, std::uint32_t symbol = 0) {
    std::uint64_t handle = 0;
    CHECK(register_event(id, type, symbol, &handle) == Status::kOk);
    return handle;
  }
  Status retire(std::uint64_t handle) { return events().retire(handle, attachment->participant()); }

  RegionImage image;
  std::unique_ptr<Attachment> attachment;
};

void registers_and_reads(std::uint64_t) {
  Table table;
  const std::uint64_t handle = table.must_register("cascade_BTC_1", 3, 65535);
  std::uint64_t record[4] = {};
  EventTable::EventView view{};
  CHECK(table.events().get(handle, record, &view) == Status::kOk);
  CHECK(std::memcmp(record, kRecord, sizeof record) == 0);
  CHECK(view.handle == handle && view.lifecycle == 0 && !view.spent && view.type == 3 && view.symbol == 65535);
  EventTable::EventView by_id{};
  CHECK(table.events().get_by_id(make_id("cascade_BTC_1"), record, &by_id) == Status::kOk);
  CHECK(by_id.handle == handle);
  CHECK(table.events().get_by_id(make_id("cascade_BTC_2"), record, &view) == Status::kGone);
  CHECK(table.events().count_live() == 1);
  std::uint64_t again = 0;
  CHECK(table.register_event("cascade_BTC_1", 0, 0, &again) == Status::kExists);
  CHECK(again == handle);
}

void keeps_ids_apart(std::uint64_t seed) {
  // One bucket line for all: chains are long, ids share prefixes, lengths and hashes.
  Table table({.capacity = 256, .buckets = 8});
  Random random(seed);
  std::set<std::string> ids;
  while (ids.size() < 256) ids.insert(std::string(1 + random.below(layout::kIdBytesMax), static_cast<char>('a' + random.below(2))) +
                                      std::to_string(random.below(100)));
  std::vector<std::pair<std::string, std::uint64_t>> live;
  for (const std::string& id : ids) {
    const std::string cut = id.substr(0, layout::kIdBytesMax);
    std::uint64_t handle = 0;
    if (table.register_event(cut, 0, 0, &handle) == Status::kOk) live.emplace_back(cut, handle);
  }
  CHECK(live.size() > 150);
  for (const auto& [id, handle] : live) {
    std::uint64_t record[4];
    EventTable::EventView view{};
    CHECK(table.events().get_by_id(make_id(id), record, &view) == Status::kOk);
    CHECK(view.handle == handle);
    std::uint64_t words[layout::kIdWords] = {};
    CHECK(table.events().id_of(handle, words) == id.size());
    CHECK(std::memcmp(words, id.data(), id.size()) == 0);
  }
  // Same words, other length: bytes beyond the length count for nothing.
  EventId longer = make_id("x");
  longer.bytes = 2;
  table.retire(live[0].second);
  std::uint64_t handle = 0;
  CHECK(table.register_event("x", 0, 0, &handle) != Status::kFull);
  std::uint64_t record[4];
  EventTable::EventView view{};
  CHECK(table.events().get_by_id(longer, record, &view) == Status::kGone);
}

void is_full_at_capacity(std::uint64_t) {
  Table table;
  for (std::size_t turn = 0; turn < 5; ++turn) {
    std::vector<std::uint64_t> handles;
    for (std::size_t index = 0; index < 64; ++index) handles.push_back(table.must_register("event_" + std::to_string(index)));
    CHECK(std::set<std::uint64_t>(handles.begin(), handles.end()).size() == 64);
    std::uint64_t handle = 0;
    CHECK(table.register_event("one more", 0, 0, &handle) == Status::kFull);
    // Full does not hide that an id exists.
    CHECK(table.register_event("event_63", 0, 0, &handle) == Status::kExists && handle == handles[63]);
    CHECK(table.events().count_live() == 64);
    CHECK(table.retire(handles[17]) == Status::kOk);
    handles[17] = table.must_register("one more");
    for (const std::uint64_t each : handles) CHECK(table.retire(each) == Status::kOk);
    CHECK(table.events().count_live() == 0);
  }
}

void forgets_a_retired_event(std::uint64_t) {
  Table table;
  const std::uint64_t old = table.must_register("x");
  CHECK(table.retire(old) == Status::kOk);
  CHECK(table.retire(old) == Status::kGone);
  const std::uint64_t renewed = table.must_register("x");
  CHECK(renewed != old);
  std::uint64_t record[4];
  std::uint64_t words[layout::kIdWords];
  EventTable::EventView view{};
  std::uint32_t before = 0;
  for (const std::uint64_t stale : {old, renewed + (std::uint64_t{1} << kHandleIndexBits), std::uint64_t{63},
                                    std::uint64_t{64}, std::uint64_t{65535}, ~std::uint64_t{0}}) {
    CHECK(table.events().get(stale, record, &view) == Status::kGone);
    CHECK(table.events().id_of(stale, words) == 0);
    CHECK(table.events().transition(stale, 1, &before) == Status::kGone);
    CHECK(table.events().spend(stale) == Status::kGone);
    CHECK(table.retire(stale) == Status::kGone);
    std::uint32_t type = 0;
    std::uint32_t symbol = 0;
    CHECK(!table.events().may_reserve(stale, &type, &symbol));
  }
  CHECK(table.events().get(renewed, record, &view) == Status::kOk);
}

void takes_legal_transitions_only(std::uint64_t) {
  for (std::uint32_t from = 0; from < 5; ++from) {
    for (std::uint32_t to = 0; to < 8; ++to) {
      Table table;
      const std::uint64_t handle = table.must_register("x");
      std::uint32_t before = 9;
      if (from > 0) CHECK(table.events().transition(handle, from, &before) == Status::kOk && before == 0);
      const bool is_legal = from < 3 && to > from && to < 5;
      CHECK(table.events().transition(handle, to, &before) == (is_legal ? Status::kOk : Status::kIllegal));
      CHECK(before == from);
      std::uint64_t record[4];
      EventTable::EventView view{};
      CHECK(table.events().get(handle, record, &view) == Status::kOk);
      CHECK(view.lifecycle == (is_legal ? to : from));
      std::uint32_t type = 0;
      std::uint32_t symbol = 0;
      CHECK(table.events().may_reserve(handle, &type, &symbol) == (view.lifecycle < 3));
    }
  }
}

void stays_spent(std::uint64_t) {
  Table table;
  const std::uint64_t handle = table.must_register("x", 2, 7);
  std::uint32_t type = 0;
  std::uint32_t symbol = 0;
  CHECK(table.events().may_reserve(handle, &type, &symbol) && type == 2 && symbol == 7);
  CHECK(table.events().spend(handle) == Status::kOk);
  CHECK(table.events().spend(handle) == Status::kOk);
  std::uint32_t before = 0;
  CHECK(table.events().transition(handle, 1, &before) == Status::kOk);
  CHECK(!table.events().may_reserve(handle, &type, &symbol));
  std::uint64_t record[4];
  EventTable::EventView view{};
  CHECK(table.events().get(handle, record, &view) == Status::kOk && view.spent && view.lifecycle == 1);
  CHECK(table.retire(handle) == Status::kOk);
  const std::uint64_t renewed = table.must_register("x", 1, 7);
  CHECK(table.events().may_reserve(renewed, &type, &symbol) && type == 1);
}

void scans_by_type(std::uint64_t seed) {
  Table table({.capacity = 256});
  Random random(seed);
  std::set<std::uint64_t> of_type[4];
  for (std::size_t index = 0; index < 200; ++index) {
    const auto type = static_cast<std::uint32_t>(random.below(4));
    of_type[type].insert(table.must_register("event_" + std::to_string(index), type, static_cast<std::uint32_t>(index)));
  }
  for (std::set<std::uint64_t>& handles : of_type) {
    for (std::size_t count = random.below(10); count > 0 && !handles.empty(); --count) {
      CHECK(table.retire(*handles.begin()) == Status::kOk);
      handles.erase(handles.begin());
    }
  }
  std::vector<std::uint64_t> rows(256 * 8);
  std::set<std::uint64_t> all;
  for (std::uint32_t type = 0; type < 4; ++type) {
    const std::size_t found = table.events().scan(type, rows.data(), 256);
    std::set<std::uint64_t> handles;
    for (std::size_t row = 0; row < found; ++row) {
      const std::uint64_t* words = rows.data() + row * 8;
      handles.insert(words[0]);
      CHECK(words[1] == 0 && words[2] == 0 && (words[3] & 0xffffffff) == type);
      CHECK(std::memcmp(words + 4, kRecord, sizeof kRecord) == 0);
    }
    CHECK(handles.size() == found);
    CHECK(handles == of_type[type]);
    all.insert(handles.begin(), handles.end());
  }
  CHECK(table.events().scan(EventTable::kAllTypes, rows.data(), 256) == all.size());
}

/// Somebody with the bytes may write anything into a meta word.
void survives_a_type_that_is_none(std::uint64_t) {
  Table table({.capacity = 64, .types = 4, .slots = 1});
  table.attachment->ledger().set_limits(open_limits(1'000));
  RegionImage& image = table.image;
  for (const std::uint64_t type : {4, 63, 64, 255}) {
    const std::uint64_t handle = table.must_register("spoilt");
    const std::size_t entry = image.events_at() + layout::event_entries_offset(64, 4, 64) +
                              index_of_handle(handle) * layout::entry_words(4);
    std::uint64_t& meta = image.words()[entry + layout::kEntryMeta];
    meta |= type << layout::kMetaTypeShift;
    std::uint64_t record[4];
    EventTable::EventView view{};
    CHECK(table.events().get(handle, record, &view) == Status::kGone);
    CHECK(table.events().get_by_id(make_id("spoilt"), record, &view) == Status::kGone);
    std::vector<std::uint64_t> rows(64 * 8);
    CHECK(table.events().scan(EventTable::kAllTypes, rows.data(), 64) == 0);
    const ReservationLedger::Request request{handle, 1, INT64_MAX};
    std::uint64_t token = 0;
    std::size_t refused = 0;
    CHECK(table.attachment->ledger().reserve(&request, 1, 0, &token, &refused) ==
          ReservationLedger::Status::kEventClaimed);
    // Retiring it touches no other word than its own: not the one where a bit of such a type would be.
    const std::vector<std::uint64_t> before(image.words(), image.words() + image.word_count());
    CHECK(table.retire(handle) == Status::kOk);
    const std::size_t entries = image.events_at() + layout::event_buckets_offset(64, 4);
    const std::size_t ledger = image.ledger_at();
    CHECK(std::memcmp(before.data() + ledger, image.words() + ledger, (image.word_count() - ledger) * 8) == 0);
    for (std::size_t word = entries; word < ledger; ++word) {
      const bool is_own = word >= entry && word < entry + layout::entry_words(4);
      const bool is_bucket = word < image.events_at() + layout::event_entries_offset(64, 4, 64);
      CHECK(is_own || is_bucket || before[word] == image.words()[word]);
    }
    CHECK(table.events().count_live() == 0);
  }
}

void hashes_like_typescript(std::uint64_t) {
  // FNV-1a, xor-shifted and multiplied: worked out by hand for these.
  const auto by_hand = [](const char* text) {
    std::uint32_t hash = 2166136261u;
    for (const char* at = text; *at != '\0'; ++at) {
      hash ^= static_cast<unsigned char>(*at);
      hash *= 16777619u;
    }
    return static_cast<std::uint32_t>((hash ^ (hash >> 15)) * std::uint64_t{739982445});
  };
  for (const char* text : {"", "a", "cascade_BTC_1", "\xf0\x9f\x9a\xa6"}) {
    CHECK(hash_id(reinterpret_cast<const unsigned char*>(text), std::strlen(text)) == by_hand(text));
  }
}

}  // namespace

const Suite kEventTableSuite{
    "events",
    {
        {"events: a registered event is read by handle and by id, and registering it again gives the live one",
         registers_and_reads},
        {"events: ids that share their bucket, hash line or words are kept apart", keeps_ids_apart},
        {"events: full at capacity, and whole again after every retire", is_full_at_capacity},
        {"events: a handle is dead after its event was retired, and so is any that was never given", forgets_a_retired_event},
        {"events: the lifecycle takes the transitions of the header and no other", takes_legal_transitions_only},
        {"events: a spent event is never reservable again, whatever its lifecycle does", stays_spent},
        {"events: a scan gives every live event of its type, once", scans_by_type},
        {"events: a type that is none, in bytes that somebody spoilt, leads nowhere", survives_a_type_that_is_none},
        {"events: the hash is the one that TypeScript computes", hashes_like_typescript},
    }};

}  // namespace signalbox::test
