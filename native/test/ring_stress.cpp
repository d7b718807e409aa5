/// The snapshot ring under threads: relations between the words of a snapshot, and a canary that the same harness has to catch.
#include <atomic>
#include <vector>

#include "check.hpp"
#include "region_image.hpp"

namespace signalbox::test {

namespace {

constexpr std::size_t kWords = 130;

struct Sightings {
  std::uint64_t reads = 0;
  std::uint64_t torn = 0;
  std::uint64_t backwards = 0;
  std::uint64_t overruns = 0;
};

/// Every word of version v follows from v and its place.
std::uint64_t word_of(std::uint64_t version, std::size_t index) noexcept {
  return version * 0x9e3779b97f4a7c15ull + index;
}

/// One thread publishes through `publish`, the others read through `read`, until the time is over or `enough` is true.
template <typename Publish, typename Read, typename Enough>
Sightings hammer(std::size_t readers, std::uint64_t seed, std::chrono::milliseconds time, Publish publish, Read read,
                 Enough enough) {
  std::atomic<bool> is_over{false};
  std::vector<Sightings> sightings(readers);
  std::atomic<std::uint64_t> faults{0};
  run_threads(readers + 1, [&](std::size_t thread) {
    if (thread == 0) {
      Deadline deadline(time);
      std::vector<std::uint64_t> payload(kWords);
      for (std::uint64_t version = 1; !deadline.is_over() && !enough(faults.load(std::memory_order_relaxed)); ++version) {
        for (std::size_t index = 0; index < kWords; ++index) payload[index] = word_of(version, index);
        publish(payload.data());
      }
      is_over.store(true);
      return;
    }
    Sightings& seen = sightings[thread - 1];
    Random random(seed + thread);
    std::vector<std::uint64_t> out(kWords);
    std::uint64_t last = 0;
    while (!is_over.load(std::memory_order_relaxed)) {
      const bool is_part = random.below(4) == 0;
      const std::size_t first = is_part ? random.below(kWords) : 0;
      const std::size_t count = is_part ? 1 + random.below(kWords - first) : kWords;
      const SnapshotRing::ReadResult result = read(thread, out.data(), first, count);
      if (result.version == 0) continue;
      if (result.version == SnapshotRing::kOverrun) {
        ++seen.overruns;
        continue;
      }
      ++seen.reads;
      bool is_torn = false;
      for (std::size_t index = 0; index < count; ++index) {
        is_torn = is_torn || out[index] != word_of(result.version, first + index);
      }
      seen.torn += is_torn;
      seen.backwards += result.version < last;
      if (is_torn) faults.fetch_add(1, std::memory_order_relaxed);
      last = result.version;
    }
  });
  Sightings sum;
  for (const Sightings& each : sightings) {
    sum.reads += each.reads;
    sum.torn += each.torn;
    sum.backwards += each.backwards;
    sum.overruns += each.overruns;
  }
  return sum;
}

void is_never_torn(std::uint64_t seed) {
  for (const std::uint64_t slots : {4, 16}) {
    RegionImage image({.rings = {{slots, kWords}}});
    std::vector<std::unique_ptr<Attachment>> attachments;
    for (std::size_t thread = 0; thread < 4; ++thread) attachments.push_back(image.attach());
    SnapshotRing& writer = attachments[0]->ring(0);
    CHECK(writer.try_claim_writer(attachments[0]->participant()));
    std::uint64_t published = 0;
    const Sightings seen = hammer(
        3, seed, kStressTime / 2, [&](const std::uint64_t* payload) { published = writer.publish(payload); },
        [&](std::size_t thread, std::uint64_t* out, std::size_t first, std::size_t count) {
          return attachments[thread]->ring(0).read(out, first, count);
        },
        [](std::uint64_t) { return false; });
    CHECK(seen.torn == 0);       // SNAP-1
    CHECK(seen.backwards == 0);  // SNAP-3
    CHECK(seen.reads > 100 && published > 100);
  }
}

/// A ring that forgot its sequence: the version and the words of one slot, each access ordered, nothing validated.
struct Careless {
  Word latest{0};
  Word words[kWords];

  void publish(const std::uint64_t* payload) {
    store_words(words, payload, kWords);
    latest.store(latest.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  SnapshotRing::ReadResult read(std::uint64_t* out, std::size_t first, std::size_t count) const {
    const std::uint64_t version = latest.load(std::memory_order_acquire);
    load_words(out, words + first, count);
    return {version, 1};
  }
};

void catches_a_careless_ring(std::uint64_t seed) {
  Careless ring;
  const Sightings seen = hammer(
      2, seed, std::chrono::seconds{20}, [&](const std::uint64_t* payload) { ring.publish(payload); },
      [&](std::size_t, std::uint64_t* out, std::size_t first, std::size_t count) { return ring.read(out, first, count); },
      [](std::uint64_t faults) { return faults > 0; });
  CHECK(seen.torn > 0);
}

/// Writers come and go; each goes on with the next version, and readers never see one go back.
void is_handed_from_writer_to_writer(std::uint64_t seed) {
  RegionImage image({.rings = {{4, kWords}}});
  std::vector<std::unique_ptr<Attachment>> attachments;
  for (std::size_t thread = 0; thread < 3; ++thread) attachments.push_back(image.attach());
  std::atomic<std::uint64_t> newest{0};
  run_threads(3, [&](std::size_t thread) {
    Attachment& mine = *attachments[thread];
    Random random(seed + thread);
    Deadline deadline;
    std::vector<std::uint64_t> words(kWords);
    std::uint64_t last = 0;
    while (!deadline.is_over()) {
      if (mine.ring(0).try_claim_writer(mine.participant())) {
        for (std::uint64_t turn = 1 + random.below(8); turn > 0; --turn) {
          const std::uint64_t version = newest.load(std::memory_order_relaxed) + 1;
          for (std::size_t index = 0; index < kWords; ++index) words[index] = word_of(version, index);
          CHECK(mine.ring(0).publish(words.data()) == version);
          newest.store(version, std::memory_order_relaxed);
        }
        mine.ring(0).release_writer(mine.participant());
      }
      const SnapshotRing::ReadResult result = mine.ring(0).read(words.data(), 0, kWords);
      if (result.version == 0 || result.version == SnapshotRing::kOverrun) continue;
      CHECK(result.version >= last);
      for (std::size_t index = 0; index < kWords; ++index) CHECK(words[index] == word_of(result.version, index));
      last = result.version;
    }
  });
  CHECK(newest.load() > 100);
}

}  // namespace

const Suite kRingStressSuite{
    "ring-stress",
    {
        {"ring: no read is torn and no version goes back while a writer runs at full speed", is_never_torn},
        {"ring: the claim hands a ring from writer to writer without a version lost or doubled", is_handed_from_writer_to_writer},
        {"canary: the same harness sees a ring without a sequence tear", catches_a_careless_ring},
    }};

}  // namespace signalbox::test
