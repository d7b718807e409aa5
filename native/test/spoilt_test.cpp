/// Bytes that somebody spoilt: words that no operation ever leaves. Whatever they say, every call ends, stays within the bytes, and
/// hands out no more than there is.
#include <atomic>

#include "check.hpp"
#include "region_image.hpp"

namespace signalbox::test {

namespace {

/// Somebody moves the rings' places in the header while others attach: whoever is let in was let in to the places that were checked.
void attaches_under_a_header_that_changes(std::uint64_t) {
  using namespace layout;
  RegionImage image({.rings = std::vector<RingShape>(kRingsMax, RingShape{4, 2})});
  Word* words = reinterpret_cast<Word*>(image.words());
  std::uint64_t places[kRingsMax];
  for (std::size_t ring = 0; ring < kRingsMax; ++ring) places[ring] = image.words()[kHeaderRings + ring * kHeaderRingWords];
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> moves{0};
  run_threads(2, [&](std::size_t thread) {
    if (thread == 0) {
      while (!is_over.load(std::memory_order_relaxed)) {
        for (std::size_t ring = 0; ring < kRingsMax; ++ring) {
          Word& place = words[kHeaderRings + ring * kHeaderRingWords];
          // A place of words 8 TiB away, on a line like every other.
          place.store(std::uint64_t{1} << 40, std::memory_order_relaxed);
          place.store(places[ring], std::memory_order_relaxed);
        }
        moves.fetch_add(1, std::memory_order_relaxed);
      }
      return;
    }
    while (moves.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
    Deadline deadline;
    while (!deadline.is_over()) {
      Attachment attachment;
      const AttachStatus status = Attachment::attach(image.bytes(), image.size(), 1, &attachment);
      CHECK(status == AttachStatus::kOk || status == AttachStatus::kGeometry);
      if (status != AttachStatus::kOk) continue;
      for (std::size_t ring = 0; ring < kRingsMax; ++ring) {
        std::uint64_t out[2];
        CHECK(attachment.ring(ring).read(out, 0, 2).version == 0);
      }
      attachment.detach();
    }
    is_over.store(true, std::memory_order_relaxed);
  });
}

/// The owner word of a participant of `tag` that `freer` is taking apart.
std::uint64_t freeing_by(std::uint64_t freer, std::uint64_t tag) {
  return std::uint64_t{1} << layout::kParticipantFreeingShift | freer << layout::kParticipantFreerShift | tag;
}

std::size_t owner_word(std::uint64_t participant) {
  return layout::kHeaderWords + participant * layout::kParticipantWords + layout::kParticipantOwner;
}

/// Owner words that name each other, themselves, or who is freeing them.
void frees_whom_spoilt_words_name(std::uint64_t) {
  const std::uint64_t participants = layout::kParticipantsMax;
  RegionImage image({.participants = participants});
  auto living = image.attach(11);
  for (std::uint64_t other = 1; other < participants; ++other) {
    // The dead one was freeing the living one, itself, and everybody else, who were freeing the next.
    image.set(owner_word(1), 12);
    image.set(owner_word(0), freeing_by(1, 11));
    for (std::uint64_t next = 2; next < participants; ++next) image.set(owner_word(next), freeing_by(next - 1, 100 + next));
    if (other > 1) image.set(owner_word(2), freeing_by(other, 102));
    CHECK(living->free_participant(1, 12));
    CHECK(living->owner_tag_of(1) == 0);
    CHECK(living->owner_tag_of(0) == freeing_by(1, 11));
    // From 2 on everybody names the one before: they are freed if the first of them does.
    for (std::uint64_t next = 2; next < participants; ++next) CHECK((living->owner_tag_of(next) == 0) == (other == 1));
    // So they are when one is freed whom the others name in a circle.
    if (other > 1) {
      image.set(owner_word(other), 12);
      CHECK(living->free_participant(other, 12));
      for (std::uint64_t next = other > 2 ? 2 : 3; next < participants; ++next) CHECK(living->owner_tag_of(next) == 0);
    }
  }
}

/// Each believes the other dead, at the same instant; both are wrong.
void frees_each_other_alive(std::uint64_t) {
  RegionImage image({.participants = 2, .capacity = 4096});
  std::unique_ptr<Attachment> attachments[2] = {image.attach(11), image.attach(12)};
  Word* words = reinterpret_cast<Word*>(image.words());
  std::atomic<std::uint64_t> arrived{0};
  constexpr std::uint64_t kRounds = 300;
  run_threads(2, [&](std::size_t thread) {
    std::uint64_t meetings = 0;
    const auto meet = [&] {
      ++meetings;
      arrived.fetch_add(1);
      while (arrived.load() < 2 * meetings) std::this_thread::yield();
    };
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      words[owner_word(thread)].store(11 + thread);
      meet();
      attachments[thread]->free_participant(1 - thread, 12 - thread);
      meet();
      CHECK(words[owner_word(thread)].load() == 0 || words[owner_word(1 - thread)].load() == 0);
      const std::uint64_t record[4] = {};
      std::uint64_t handle = 0;
      CHECK(attachments[thread]->events().register_event(make_id(thread == 0 ? "one" : "two"), 0, 0, record, thread, &handle) ==
            EventTable::Status::kOk);
      CHECK(attachments[thread]->events().retire(handle, thread) == EventTable::Status::kOk);
      meet();
    }
  });
}

/// The first words of what stands in the event table of `image`.
struct TableWords {
  explicit TableWords(RegionImage& image)
      : buckets(image.words() + image.events_at() + layout::event_buckets_offset(image.shape().capacity, image.shape().types)),
        bucket_count(image.shape().buckets),
        entries(buckets + bucket_count),
        entry_words(layout::entry_words(image.shape().record_words)) {}

  std::uint64_t& link(std::size_t entry) const { return entries[entry * entry_words + layout::kEntryNext]; }

  std::uint64_t* buckets;
  std::size_t bucket_count;
  std::uint64_t* entries;
  std::size_t entry_words;
};

/// Chains that lead to no entry, or round in a circle: every call that walks one says so, and the others work on.
void says_that_a_chain_is_spoilt(std::uint64_t) {
  using Status = EventTable::Status;
  const std::uint64_t record[4] = {1, 2, 3, 4};
  constexpr std::uint64_t kMark = std::uint64_t{1} << layout::kLinkMarkShift;
  for (const std::uint64_t wrong : {std::uint64_t{65}, std::uint64_t{0xffffff}, std::uint64_t{0xffffff} | kMark, std::uint64_t{1}, 1 | kMark}) {
    RegionImage image;
    const TableWords table(image);
    auto attachment = image.attach(11);
    auto mortal = image.attach(12);
    EventTable& events = attachment->events();
    std::uint64_t handle = 0;
    CHECK(events.register_event(make_id("live"), 0, 0, record, 0, &handle) == Status::kOk);
    CHECK((handle & 0xffff) == 0);
    table.link(0) = wrong;
    for (std::size_t bucket = 0; bucket < table.bucket_count; ++bucket) table.buckets[bucket] = 1;
    std::uint64_t out[4];
    EventTable::EventView view{};
    std::uint64_t other = 0;
    CHECK(events.register_event(make_id("new"), 0, 0, record, 0, &other) == Status::kSpoilt);
    CHECK(events.get_by_id(make_id("new"), out, &view) == Status::kSpoilt);
    CHECK(events.get(handle, out, &view) == Status::kOk && out[3] == 4);
    CHECK(events.count_live() == 1);
    CHECK(events.retire(handle, 0) == Status::kSpoilt);
    CHECK(events.get(handle, out, &view) == Status::kGone);
    CHECK(events.retire(handle, 0) == Status::kGone);
    // What a dead participant left pending in such a chain stays pending; the rest of it is freed.
    std::uint64_t& state = table.entries[5 * table.entry_words + layout::kEntryState];
    state = state_word(1, layout::kPhasePending, mortal->participant());
    const std::uint64_t left = state;
    CHECK(mortal->ring(0).try_claim_writer(mortal->participant()));
    CHECK(attachment->free_participant(mortal->participant(), 12));
    CHECK(state == left);
    CHECK(attachment->ring(0).try_claim_writer(attachment->participant()));
    attachment->detach();
  }
}

/// A ledger whose capital, or an amount that it holds, is none: it gives nothing away, and its positions can still be ended.
void admits_nothing_on_spoilt_amounts(std::uint64_t) {
  using Status = ReservationLedger::Status;
  const std::uint64_t record[4] = {};
  constexpr std::uint64_t kBeyond = static_cast<std::uint64_t>(kMinorMax) + 1;
  const auto minus = [](std::uint64_t value) { return ~value + 1; };
  for (const bool is_slot : {false, true}) {
    for (const bool uses_pots : {false, true}) {
      for (const std::uint64_t wrong : {kBeyond, minus(kBeyond), minus(1), std::uint64_t{INT64_MAX}, std::uint64_t{1} << 63}) {
        // A capital below nothing is an amount; a position's is not.
        if (!is_slot && wrong == minus(1)) continue;
        RegionImage image;
        auto attachment = image.attach(11);
        ReservationLedger& ledger = attachment->ledger();
        ReservationLedger::Limits limits = open_limits(1000);
        limits.flags = uses_pots ? layout::kFlagPots : 0;
        limits.type_pots[0] = 1;
        limits.pot_shares[0] = 1'000'000;
        ledger.set_limits(limits);
        std::uint64_t handles[2] = {};
        std::uint64_t token = 0;
        std::size_t refused = 0;
        for (std::uint64_t& handle : handles) {
          CHECK(attachment->events().register_event(make_id(&handle == handles ? "one" : "two"), 0, 0, record, 0, &handle) ==
                EventTable::Status::kOk);
        }
        const ReservationLedger::Request first{handles[0], 1, INT64_MAX};
        const ReservationLedger::Request second{handles[1], 1, INT64_MAX};
        CHECK(ledger.reserve(&first, 1, 0, &token, &refused) == Status::kOk);
        const std::size_t block = image.words()[image.ledger_at()] & 0xffff;
        std::uint64_t* words =
            image.words() + image.ledger_at() + layout::kLedgerBlocks + block * ledger.block_words();
        words[is_slot ? layout::block_slots_offset(4) + layout::kSlotCapital : layout::kBlockCapital] = wrong;
        // Somebody who has not yet copied the block that was spoilt.
        auto other = image.attach(12);
        std::uint64_t another = 0;
        CHECK(other->ledger().reserve(&second, 1, ~std::uint64_t{0}, &another, &refused) == Status::kNoCapital);
        if (!is_slot) CHECK(other->ledger().release(token, false, static_cast<std::int64_t>(wrong)) == Status::kCapitalRange);
        CHECK(other->ledger().release(token, false, 0) == Status::kOk);
        other->ledger().set_limits(limits);
        CHECK(other->ledger().reserve(&second, 1, 0, &another, &refused) == Status::kOk);
      }
    }
  }
}

/// Words drawn at random all over the region, while every call is made: each ends, and the participants are given back.
void ends_every_call_on_random_words(std::uint64_t seed) {
  Random random(seed);
  for (unsigned round = 0; round < 300; ++round) {
    RegionImage image({.participants = 3, .rings = {{4, 2}}, .slots = 3});
    auto attachment = image.attach(11);
    auto mortal = image.attach(12);
    EventTable& events = attachment->events();
    ReservationLedger& ledger = attachment->ledger();
    ledger.set_limits(open_limits(1000));
    const std::size_t first = layout::kHeaderWords + 3 * layout::kParticipantWords;
    for (unsigned step = 0; step < 60; ++step) {
      for (unsigned word = 0; word < 20; ++word) {
        const std::uint64_t values[] = {0, ~std::uint64_t{0}, random.below(70), random.next(), std::uint64_t{1} << random.below(64),
                                        random.below(4) << 16 | random.below(3) << 8 | random.below(6) << 4,
                                        random.below(65) | random.below(2) << layout::kLinkMarkShift};
        // Half of them where the buckets, the entries and the ledger's first blocks are.
        image.set(first + random.below(image.word_count() - first), values[random.below(7)]);
        const TableWords table(image);
        table.link(random.below(64)) = values[random.below(7)];
        table.buckets[random.below(table.bucket_count)] = values[6];
        image.set(image.ledger_at() + random.below(200), values[random.below(7)]);
      }
      const std::uint64_t record[4] = {};
      std::uint64_t out[4];
      EventTable::EventView view{};
      std::uint64_t handle = random.below(4) << 16 | random.below(64);
      std::uint64_t tokens[3];
      std::size_t refused = 0;
      std::uint32_t before = 0;
      std::uint64_t registered = 0;
      events.register_event(make_id(step % 2 == 0 ? "one" : "two"), step % 4, 0, record, step % 2, &registered);
      static_cast<void>(events.get_by_id(make_id("one"), out, &view));
      static_cast<void>(events.get(handle, out, &view));
      static_cast<void>(events.id_of(handle, std::vector<std::uint64_t>(8).data()));
      events.transition(handle, 1, &before);
      events.retire(step % 2 == 0 ? registered : handle, step % 2);
      std::vector<std::uint64_t> rows(64 * 8);
      CHECK(events.scan(step % 5, rows.data(), 64) <= 64);
      const ReservationLedger::Request request{handle, 1, INT64_MAX};
      const ReservationLedger::Request requests[] = {request, {registered, 5, 7}, {view.handle, INT64_MAX, 0}};
      ledger.reserve(requests, 1 + step % 3, step, tokens, &refused);
      const std::uint64_t token = ledger.slot_count() > 0 ? ledger.slot_at(0)[layout::kSlotToken] : 1;
      ledger.submit(token);
      ledger.release(token, true, -7);
      ledger.recover(1, ReservationLedger::kNobody);
      CHECK(ledger.slot_count() <= 3);
      static_cast<void>(ledger.read());
    }
    CHECK(attachment->free_participant(mortal->participant(), 12));
    attachment->detach();
    for (std::uint64_t participant = 0; participant < 3; ++participant) CHECK(image.words()[owner_word(participant)] == 0);
  }
}

}  // namespace

const Suite kSpoiltSuite{
    "spoilt",
    {
        {"spoilt: a header that changes while somebody attaches leads to no place that was not checked",
         attaches_under_a_header_that_changes},
        {"spoilt: owner words that name each other, themselves or their freer are taken apart once each",
         frees_whom_spoilt_words_name},
        {"spoilt: two living participants that free each other at once both live on", frees_each_other_alive},
        {"spoilt: every walk of a chain that leads to no entry or in a circle ends and says so", says_that_a_chain_is_spoilt},
        {"spoilt: a capital or an amount beyond 2^53 admits nothing, and what is held can still be ended",
         admits_nothing_on_spoilt_amounts},
        {"spoilt: whatever words stand in the region, every call ends within it and a participant is given back",
         ends_every_call_on_random_words},
    }};

}  // namespace signalbox::test
