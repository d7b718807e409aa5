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

}  // namespace

const Suite kSpoiltSuite{
    "spoilt",
    {
        {"spoilt: a header that changes while somebody attaches leads to no place that was not checked",
         attaches_under_a_header_that_changes},
        {"spoilt: owner words that name each other, themselves or their freer are taken apart once each",
         frees_whom_spoilt_words_name},
        {"spoilt: two living participants that free each other at once both live on", frees_each_other_alive},
    }};

}  // namespace signalbox::test
