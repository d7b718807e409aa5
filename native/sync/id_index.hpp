/// The event table's index by id: a bucket a hash, in each a chain of linked entries. Used by the event table alone.
///
/// A bucket and an entry's own link are words of one kind: the entry that follows (index + 1, or 0), a mark, and a tag that
/// every change raises. Insertion is one CAS at the bucket's head. Removal is Harris's (mark the entry's own link, then
/// unlink it), followed by a raise of the bucket's tag, before the entry can be claimed again.
///
/// The rule behind REG-1. Every change of what a bucket's chain may lead to raises the bucket's tag before an entry that
/// left the chain can be filled anew. So what a walk found (an id, or its absence) counts only if the bucket word still is
/// what it was when the walk began: then no entry of the chain was reused under the walk's feet. A register's CAS on the
/// bucket word is that check and the insertion at once.
///
/// Spoilt bytes. A walk that derails (it steps onto an index that is no entry's, or takes more steps than there are entries) under a
/// bucket word that is still what it was says that somebody wrote into the bytes who is none of us: no race does that, at the first
/// sight already. For while the bucket word stands, nobody inserts into the chain, and none of the entries that were linked in it when
/// the walk began, or that the links of those led to, is filled anew: that comes behind a raise of the tag. A link of such an entry
/// changes by an unlink alone, which puts in its place the link of the entry behind it. So each step goes forward in the one order in
/// which the entries stood when the walk began, visits none twice, and ends at 0 within the capacity. And the look at the bucket behind
/// the walk cannot miss the raise: whoever stepped onto a reused link acquired it from (G9), and with it the raise. (A tag has 39 bits.
/// It comes round to the same word only after as many changes of one bucket within one walk.)
///
/// Progress. A walk is bounded by the capacity; insert tries once; remove is lock-free (it repeats only after somebody else
/// changed the same bucket).
#pragma once

#include "event_entry.hpp"

namespace signalbox {

class IdIndex {
 public:
  IdIndex() noexcept = default;
  /// `bucket_count`: a power of two.
  IdIndex(Word* buckets, std::size_t bucket_count, const EventEntries& entries) noexcept
      : buckets_(buckets), bucket_mask_(bucket_count - 1), entries_(entries) {}

  /// What one walk found, and the bucket as it was when the walk began.
  struct Walk {
    std::uint64_t head;
    /// The filled entry of the id and its state then, or kNoEntry.
    std::size_t index;
    std::uint64_t state;
    /// The walk left its chain: nothing is known. If it counts all the same, the bytes are spoilt.
    bool derailed;
  };

  [[nodiscard]] Word& bucket_of(std::uint32_t hash) const noexcept { return buckets_[hash & bucket_mask_]; }

  /// Walks the chain of `bucket` for a filled entry of `id`. A walk that says `derailed` met spoilt bytes.
  [[nodiscard]] Walk find(const Word& bucket, const EventId& id) const noexcept {
    Walk found = walk(bucket, id);
    while (found.derailed && !counts(bucket, found)) found = walk(bucket, id);
    return found;
  }

  /// One walk. Never longer than the capacity: a longer one was derailed.
  ///
  ///   (G1) acquire-load of the bucket synchronizes-with (G4) of earlier inserts and (T4) of earlier removals.
  [[nodiscard]] Walk walk(const Word& bucket, const EventId& id) const noexcept {
    const std::uint64_t head = bucket.load(std::memory_order_acquire);  // (G1)
    std::uint64_t at = index_of(head);
    for (std::size_t steps = 0; steps <= entries_.capacity; ++steps) {
      if (at == 0) return {head, kNoEntry, 0, false};
      if (at > entries_.capacity) break;
      const std::size_t index = at - 1;
      const Word* entry = entries_.at(index);
      // Acquire: pairs with (G9), so that the caller's look at the bucket sees the raised tag.
      const std::uint64_t next = entry[layout::kEntryNext].load(std::memory_order_acquire);
      const std::uint64_t state = entry[layout::kEntryState].load(std::memory_order_acquire);
      if (is_filled(state) && is_id(entry, id)) {
        std::atomic_thread_fence(std::memory_order_acquire);
        const std::uint64_t again = entry[layout::kEntryState].load(std::memory_order_relaxed);
        if (is_filled(again) && generation_of(again) == generation_of(state)) {
          return {head, index, again, false};
        }
      }
      at = index_of(next);
    }
    return {head, kNoEntry, 0, true};
  }

  /// True if what `walk` found counts: nothing joined or left the chain since it began.
  [[nodiscard]] static bool counts(const Word& bucket, const Walk& walk) noexcept {
    return bucket.load(std::memory_order_acquire) == walk.head;
  }

  /// Links the filled entry `index` in front of what `walk` saw. False if the walk does not count (any more).
  ///
  ///   (G9) release store of the entry's link: whoever steps onto a reused link (acquire) sees the raised tag of the bucket
  ///         that the entry left.
  ///   (G4)  acq_rel CAS of the bucket: the id is taken. It fails if anything joined or left the chain since (G1).
  [[nodiscard]] bool try_insert(Word& bucket, const Walk& walk, std::size_t index) const noexcept {
    Word& own = entries_.at(index)[layout::kEntryNext];
    const std::uint64_t next = own.load(std::memory_order_relaxed);
    own.store(link(tag_of(next) + 1, index_of(walk.head)), std::memory_order_release);  // (G9)
    std::uint64_t head = walk.head;
    return bucket.compare_exchange_strong(head, link(tag_of(head) + 1, index + 1), std::memory_order_acq_rel,
                                          std::memory_order_relaxed);  // (G4)
  }

  /// Takes the retired entry `index`, whose id's hash is `hash`, out of its chain. Each step may be repeated after a death. False if
  /// the chain is spoilt: then the entry may be linked still.
  ///
  ///   (T2) the mark on the entry's own link: from here no unlink through this entry and no change of its link succeeds.
  ///   (T3) unlink, acq_rel CAS of the predecessor's link.
  ///   (T4) acq_rel raise of the bucket's tag, before (T5) of the event table: a walk that began earlier is void.
  [[nodiscard]] bool remove(std::size_t index, std::uint32_t hash) const noexcept {
    entries_.at(index)[layout::kEntryNext].fetch_or(kMark, std::memory_order_acq_rel);  // (T2)
    Word& bucket = bucket_of(hash);
    Chain chain = unlink(bucket);
    while (chain == Chain::kChanged) chain = unlink(bucket);
    if (chain == Chain::kSpoilt) return false;
    bucket.fetch_add(kTagOne, std::memory_order_acq_rel);  // (T4)
    return true;
  }

  /// Whether an entry is in its chain; kUnknown: the chain is spoilt.
  enum class Place { kLinked, kNotLinked, kUnknown };

  /// Whether the entry `wanted`, whose id's hash is `hash`, is in its chain. Lock-free.
  [[nodiscard]] Place place_of(std::size_t wanted, std::uint32_t hash) const noexcept {
    const Word& bucket = bucket_of(hash);
    for (;;) {
      const std::uint64_t head = bucket.load(std::memory_order_acquire);
      std::uint64_t at = index_of(head);
      std::size_t steps = 0;
      while (at != 0 && at <= entries_.capacity && at - 1 != wanted && steps <= entries_.capacity) {
        at = index_of(entries_.at(at - 1)[layout::kEntryNext].load(std::memory_order_acquire));
        ++steps;
      }
      const bool derailed = at > entries_.capacity || steps > entries_.capacity;
      if (bucket.load(std::memory_order_acquire) != head) continue;
      if (derailed) return Place::kUnknown;
      return at != 0 ? Place::kLinked : Place::kNotLinked;
    }
  }

 private:
  static constexpr std::uint64_t kMark = std::uint64_t{1} << layout::kLinkMarkShift;
  static constexpr std::uint64_t kTagOne = std::uint64_t{1} << layout::kLinkTagShift;
  static constexpr std::uint64_t kIndexMask = (std::uint64_t{1} << layout::kLinkIndexBits) - 1;

  static std::uint64_t link(std::uint64_t tag, std::uint64_t index_plus_one) noexcept {
    return (tag << layout::kLinkTagShift) | index_plus_one;
  }
  static std::uint64_t tag_of(std::uint64_t word) noexcept { return word >> layout::kLinkTagShift; }
  static std::uint64_t index_of(std::uint64_t word) noexcept { return word & kIndexMask; }

  [[nodiscard]] static bool is_id(const Word* entry, const EventId& id) noexcept {
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    if (hash_of(meta) != id.hash || id_bytes_of(meta) != id.bytes) return false;
    for (std::size_t word = 0; word * 8 < id.bytes; ++word) {
      if (entry[layout::kEntryId + word].load(std::memory_order_relaxed) != id.words[word]) return false;
    }
    return true;
  }

  /// What one unlinking walk found. kClean: the bucket did not change meanwhile but through us, so whatever was marked before the walk is
  /// certainly out of the chain.
  enum class Chain { kClean, kChanged, kSpoilt };

  /// One walk that unlinks every marked entry it meets.
  [[nodiscard]] Chain unlink(Word& bucket) const noexcept {
    std::uint64_t head = bucket.load(std::memory_order_acquire);
    Word* before = &bucket;
    std::uint64_t before_word = head;
    std::uint64_t at = index_of(head);
    bool derailed = false;
    for (std::size_t steps = 0; at != 0; ++steps) {
      derailed = at > entries_.capacity || steps > entries_.capacity;
      if (derailed) break;
      Word& next = entries_.at(at - 1)[layout::kEntryNext];
      const std::uint64_t next_word = next.load(std::memory_order_acquire);
      if ((next_word & kMark) != 0) {
        const std::uint64_t shortened = link(tag_of(before_word) + 1, index_of(next_word));
        if (!before->compare_exchange_strong(before_word, shortened, std::memory_order_acq_rel,
                                             std::memory_order_relaxed)) {  // (T3)
          return Chain::kChanged;
        }
        before_word = shortened;
        if (before == &bucket) head = shortened;
      } else {
        before = &next;
        before_word = next_word;
      }
      at = index_of(next_word);
    }
    if (bucket.load(std::memory_order_acquire) != head) return Chain::kChanged;
    return derailed ? Chain::kSpoilt : Chain::kClean;
  }

  Word* buckets_ = nullptr;
  std::size_t bucket_mask_ = 0;
  EventEntries entries_;
};

}  // namespace signalbox
