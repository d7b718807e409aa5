/// The snapshot ring under relacy: a writer that laps its readers, and one that gives its claim to another.
#include "plays.hpp"

#include "sync/snapshot_ring.hpp"

namespace signalbox::relacy {

namespace {

/// Two slots, the fewest with which the writer never writes where `latest` points. A region has four or more: there a reader is
/// lapped by the same steps, only more of them.
constexpr std::size_t kSlots = 2;
constexpr std::size_t kPayloadWords = 2;

class RingPlay : public Play {
 public:
  using Play::Play;

 protected:
  void before_ring() {
    ring_ = SnapshotRing(words(), kSlots, kPayloadWords);
    make(words() + layout::kRingLatest, 1);
    make(words() + layout::kRingWriter, 1);
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      const Word* at = words() + layout::kRingSlots + slot * layout::ring_slot_words(kPayloadWords);
      make(at + layout::kSlotSequence, 1);
      make(at + layout::kSlotPayload, kPayloadWords);
    }
  }

  /// Both words of a snapshot are its version.
  void publish(std::uint64_t version) {
    const std::uint64_t payload[kPayloadWords] = {version, version};
    KEEPS(ring_.publish(payload) == version, "SNAP-3: versions count up");
  }

  std::uint64_t read() const {
    std::uint64_t out[kPayloadWords] = {};
    const SnapshotRing::ReadResult result = ring_.read(out, 0, kPayloadWords);
    if (result.version == SnapshotRing::kOverrun || result.version == 0) return 0;
    KEEPS(out[0] == out[1], "SNAP-1: a read is whole");
    KEEPS(out[0] == result.version, "SNAP-1: a read gives the words of its version");
    return result.version;
  }

  void read_twice() const {
    const std::uint64_t first = read();
    const std::uint64_t second = read();
    KEEPS(second == 0 || second >= first, "SNAP-3: a version never goes back");
  }

  SnapshotRing ring_;
};

class LappedReaders : public RingPlay {
 public:
  LappedReaders() : RingPlay("ring: readers that the writer laps get whole snapshots, and never an older one again", 3) {}
  void before() override {
    before_ring();
    publish(1);
  }
  void thread(unsigned index) override {
    if (index != 0) return read_twice();
    for (std::uint64_t version = 2; version <= 4; ++version) publish(version);
  }
  void after() override { KEEPS(read() == 4, "SNAP-3: the last version is the latest"); }
};

class FirstSnapshots : public RingPlay {
 public:
  FirstSnapshots() : RingPlay("ring: a reader finds nothing, or one of the first snapshots whole", 2, 3) {}
  void before() override { before_ring(); }
  void thread(unsigned index) override {
    if (index != 0) return read_twice();
    publish(1);
    publish(2);
  }
};

class HandedOver : public RingPlay {
 public:
  HandedOver() : RingPlay("ring: one writer at a time, and the next goes on from the last version of the one before", 3, 1) {}
  void before() override {
    before_ring();
    KEEPS(ring_.try_claim_writer(0), "the claim is free");
    publish(1);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      publish(2);
      publish(3);
      ring_.release_writer(0);
    } else if (index == 1) {
      for (unsigned attempt = 0; attempt < 4; ++attempt) {
        if (!ring_.try_claim_writer(1)) continue;
        publish(4);
        return;
      }
    } else {
      read_twice();
    }
  }
};

}  // namespace

std::vector<Play*> ring_plays() {
  static FirstSnapshots first;
  static LappedReaders lapped;
  static HandedOver handed;
  return {&first, &lapped, &handed};
}

}  // namespace signalbox::relacy
