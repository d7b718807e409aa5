/// A snapshot ring: one writer publishes whole records, any number of readers copy the latest one (ERRATA E1).
///
/// Version v lies in slot v mod slots (a power of two). A slot's sequence is 2v − 1 while v is being written and 2v when it is whole.
///
/// SNAP-1  A read that returns v returns exactly the words that were published as v.
/// SNAP-2  The writer never waits and never depends on a reader.
/// SNAP-3  `latest` only grows; what a dying writer left half done is in the slot of latest + 1, where no reader looks.
#pragma once

#include "../region/layout.hpp"

namespace signalbox {

class SnapshotRing {
 public:
  /// After so many laps by the writer a read gives up and says so; a lap takes slots − 1 publishes during one copy.
  static constexpr unsigned kReadAttemptsMax = 64;

  SnapshotRing() noexcept = default;
  SnapshotRing(Word* base, std::size_t slots, std::size_t payload_words) noexcept
      : base_(base), slots_(slots), payload_words_(payload_words) {}

  [[nodiscard]] std::size_t payload_words() const noexcept { return payload_words_; }

  /// Claims the ring's one writer for `participant`. Any thread; wait-free. False if somebody holds it.
  ///
  ///   (C1) acq_rel CAS synchronizes-with (C2): the new writer sees the last publish of the old one.
  [[nodiscard]] bool try_claim_writer(std::uint64_t participant) noexcept {
    std::uint64_t expected = 0;
    return base_[layout::kRingWriter].compare_exchange_strong(expected, participant + 1, std::memory_order_acq_rel,
                                                              std::memory_order_acquire);
  }

  /// Gives the claim of `participant` back, if it holds it: by itself, or by whoever has confirmed its death. Wait-free.
  ///
  ///   (C2) release: pairs with (C1).
  void release_writer(std::uint64_t participant) noexcept {
    std::uint64_t expected = participant + 1;
    base_[layout::kRingWriter].compare_exchange_strong(expected, 0, std::memory_order_release,
                                                       std::memory_order_relaxed);
  }

  /// Publishes `payload` and returns its version. The writer only; wait-free: no instruction depends on a reader.
  ///
  /// Ordering.
  ///   (W1) the odd sequence, relaxed, made to precede the payload by
  ///   (W2) the release fence: a reader that loads a payload word stored after it has, behind its own acquire fence
  ///        (R3), to load this odd sequence or a later one in (R4) and rejects its copy.
  ///   (W3) release store of the even sequence synchronizes-with (R2): the payload precedes it.
  ///   (W4) release store of `latest` synchronizes-with (R1): who reads v there finds at least 2v in (R2).
  std::uint64_t publish(const std::uint64_t* payload) noexcept {
    const std::uint64_t version = base_[layout::kRingLatest].load(std::memory_order_relaxed) + 1;
    Word* slot = slot_of(version);
    slot[layout::kSlotSequence].store(2 * version - 1, std::memory_order_relaxed);  // (W1)
    std::atomic_thread_fence(std::memory_order_release);                            // (W2)
    store_words(slot + layout::kSlotPayload, payload, payload_words_);
    slot[layout::kSlotSequence].store(2 * version, std::memory_order_release);  // (W3)
    base_[layout::kRingLatest].store(version, std::memory_order_release);       // (W4)
    return version;
  }

  struct ReadResult {
    /// 0: nothing was published yet. kOverrun: the writer lapped every attempt; `out` is unspecified.
    std::uint64_t version;
    unsigned attempts;
  };
  static constexpr std::uint64_t kOverrun = ~std::uint64_t{0};

  /// Copies `count` words from word `first` of the latest snapshot into `out`. Any thread; wait-free (bounded attempts).
  ///
  /// Ordering.
  ///   (R1) acquire-load of `latest` synchronizes-with (W4).
  ///   (R2) acquire-load of the sequence synchronizes-with (W3): the copy is no older than the sequence says. It may be
  ///        newer than 2v: then the writer has lapped us and we begin again with a newer `latest`.
  ///   (R3) the acquire fence keeps the copy above (R4); with (W2) it makes a newer word show in (R4).
  ///   (R4) relaxed suffices: (R3) orders it, and nothing is read after it.
  [[nodiscard]] ReadResult read(std::uint64_t* out, std::size_t first, std::size_t count) const noexcept {
    for (unsigned attempt = 1; attempt <= kReadAttemptsMax; ++attempt) {
      const std::uint64_t version = base_[layout::kRingLatest].load(std::memory_order_acquire);  // (R1)
      if (version == 0) return {0, attempt};
      const Word* slot = slot_of(version);
      if (slot[layout::kSlotSequence].load(std::memory_order_acquire) != 2 * version) continue;  // (R2)
      load_words(out, slot + layout::kSlotPayload + first, count);
      std::atomic_thread_fence(std::memory_order_acquire);                                              // (R3)
      if (slot[layout::kSlotSequence].load(std::memory_order_relaxed) == 2 * version) return {version, attempt};  // (R4)
    }
    return {kOverrun, kReadAttemptsMax};
  }

 private:
  [[nodiscard]] Word* slot_of(std::uint64_t version) const noexcept {
    return base_ + layout::kRingSlots + (version & (slots_ - 1)) * layout::ring_slot_words(payload_words_);
  }

  Word* base_ = nullptr;
  std::size_t slots_ = 0;
  std::size_t payload_words_ = 0;
};

}  // namespace signalbox
