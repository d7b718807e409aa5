/// The event table: fixed capacity, lock-free, addressed by id and by handle (ERRATA E2).
///
/// An entry is claimed by a CAS on its state word, filled, announced by a bit in its type's live map, and linked into its
/// id's bucket by one CAS on the bucket word. It is PENDING until then; whoever knows that it is linked (its registrar, or who
/// found it by a walk that counts) makes it LIVE, and only then acts on it. Removal is Harris's (mark the entry's own link, then unlink it), followed
/// by a raise of the bucket's tag, before the entry can be claimed again.
///
/// REG-1  Of concurrent registers of one id exactly one wins, also while neighbours retire.
/// REG-2  A read returns the whole record of one generation, or says that it is gone.
/// REG-3  The lifecycle only takes transitions that the header permits; each is one CAS.
/// REG-4  A scan returns every event that was live throughout it, each record whole.
/// REG-5  A handle is valid for one generation; after retire it never becomes valid again.
///
/// The rule behind REG-1. Every change of what a bucket's chain may lead to raises the bucket's tag before an entry that
/// left the chain can be filled anew. So what a walk found (an id, or its absence) counts only if the bucket word still is
/// what it was when the walk began: then no entry of the chain was reused under the walk's feet. A register's CAS on the
/// bucket word is that check and the insertion at once.
///
/// So the live bit is set before an event is live, and cleared after it was retired: what anybody has found is in every
/// later scan, and what never became live is in none.
///
/// Progress. Register, retire, get by id: lock-free (a retry means that somebody's register or retire of the same bucket,
/// or a transition of the same event, succeeded). Get by handle and scan: bounded per entry. No operation waits.
#pragma once

#include "../region/layout.hpp"

namespace signalbox {

struct EventId {
  std::uint64_t words[layout::kIdWords];
  std::uint32_t bytes;
  std::uint32_t hash;
};

/// FNV-1a over the id's bytes, finished by a multiply so that the low bits depend on all of them. TypeScript computes the same.
inline std::uint32_t hash_id(const unsigned char* bytes, std::size_t count) noexcept {
  std::uint32_t hash = 0x811c9dc5u;
  for (std::size_t index = 0; index < count; ++index) hash = (hash ^ bytes[index]) * 0x01000193u;
  hash ^= hash >> 15;
  return hash * 0x2c1b3c6du;
}

class EventTable {
 public:
  enum class Status : std::uint32_t { kOk = 0, kExists = 1, kFull = 2, kGone = 3, kIllegal = 4 };

  struct EventView {
    std::uint64_t handle;
    std::uint32_t lifecycle;
    bool spent;
    std::uint32_t type;
    std::uint32_t symbol;
  };

  EventTable() noexcept = default;
  EventTable(Word* base, std::size_t capacity, std::size_t types, std::size_t buckets, std::size_t record_words,
             std::uint64_t transitions, std::uint64_t actionable) noexcept
      : free_(base),
        live_(base + layout::event_live_offset(capacity)),
        buckets_(base + layout::event_buckets_offset(capacity, types)),
        entries_(base + layout::event_entries_offset(capacity, types, buckets)),
        capacity_(capacity),
        types_(types),
        bucket_mask_(buckets - 1),
        record_words_(record_words),
        entry_words_(layout::entry_words(record_words)),
        transitions_(transitions),
        actionable_(actionable) {}

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t record_words() const noexcept { return record_words_; }

  /// Registers a new event as live in lifecycle state 0. Any thread; lock-free.
  /// kOk and its handle; kExists and the live event's handle; kFull (entries of operations in flight count as used).
  ///
  /// Ordering.
  ///   (G1) acquire-load of the bucket synchronizes-with (G4) of earlier inserts and (T4) of earlier removals.
  ///   (G5) the live bit, seq_cst, before the entry can be linked: who saw it live finds the bit in (S1).
  ///   (G2) the entry's state WRITING under its new generation, made to precede the record by the release fence (G3):
  ///        a reader that copied any word of the new record has, behind (V2), to see the new generation in (V3).
  ///   (G4) acq_rel CAS of the bucket: the id is taken. It fails if anything joined or left the chain since (G1).
  ///   (G8) acq_rel CAS PENDING → LIVE: linearization point, by the registrar or by the first who found the event.
  Status register_event(const EventId& id, std::uint32_t type, std::uint32_t symbol, const std::uint64_t* record,
                        std::uint64_t owner, std::uint64_t* handle) noexcept {
    Word& bucket = buckets_[id.hash & bucket_mask_];
    std::size_t mine = kNone;
    std::uint64_t pending = 0;
    for (;;) {
      std::uint64_t head = bucket.load(std::memory_order_acquire);  // (G1)
      const Found found = find(id, head, nullptr);
      if (found.derailed) continue;
      if (found.index != kNone) {
        if (bucket.load(std::memory_order_acquire) != head || !make_live(found.index, found.state)) continue;
        if (mine != kNone) abandon(mine);
        *handle = handle_of(found.index, found.state);
        return Status::kExists;
      }
      if (mine == kNone) {
        mine = claim(owner);
        if (mine == kNone) {
          // Full counts only if the walk that missed the id does.
          if (bucket.load(std::memory_order_acquire) != head) continue;
          return Status::kFull;
        }
        pending = fill(mine, id, type, symbol, record);
        live_bit(type, mine).fetch_or(bit_of(mine), std::memory_order_seq_cst);  // (G5)
      }
      Word* entry = entry_at(mine);
      const std::uint64_t next = entry[layout::kEntryNext].load(std::memory_order_relaxed);
      // Release: whoever steps onto a reused link (acquire) sees the raised tag of the bucket that the entry left.
      entry[layout::kEntryNext].store(link(tag_of(next) + 1, index_of(head)), std::memory_order_release);
      if (bucket.compare_exchange_strong(head, link(tag_of(head) + 1, mine + 1), std::memory_order_acq_rel,
                                         std::memory_order_relaxed)) {  // (G4)
        // Somebody may have found it, made it live, and even retired it by now: the handle is ours all the same.
        make_live(mine, pending);
        *handle = handle_of(mine, pending);
        return Status::kOk;
      }
    }
  }

  /// Copies the live event of `handle`. Any thread; wait-free but for transitions of this very event.
  ///
  /// Ordering.
  ///   (V1) acquire-load of the state synchronizes-with (G6) or (G8): the record is whole.
  ///   (V2) the acquire fence keeps the copy above (V3); with (G3) a word of a later generation shows in (V3).
  ///   (V3) relaxed suffices behind the fence.
  [[nodiscard]] Status get(std::uint64_t handle, std::uint64_t* record, EventView* view) const noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= capacity_) return Status::kGone;
    return copy(index, handle >> kHandleIndexBits, record, view) ? Status::kOk : Status::kGone;
  }

  /// Copies the live event of `id`. Any thread; lock-free.
  [[nodiscard]] Status get_by_id(const EventId& id, std::uint64_t* record, EventView* view) const noexcept {
    const Word& bucket = buckets_[id.hash & bucket_mask_];
    for (;;) {
      const std::uint64_t head = bucket.load(std::memory_order_acquire);
      const Found found = find(id, head, nullptr);
      if (found.derailed) continue;
      if (found.index != kNone &&
          (bucket.load(std::memory_order_acquire) != head || !make_live(found.index, found.state))) {
        continue;
      }
      const bool whole = found.index != kNone && copy(found.index, generation_of(found.state), record, view);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (bucket.load(std::memory_order_relaxed) != head) continue;
      // An entry that stopped being live under an unchanged bucket was retired just now, its unlinking still to come.
      return whole ? Status::kOk : Status::kGone;
    }
  }

  /// Copies the id of the live event of `handle` into `words`. Any thread. Returns the number of bytes, 0 if gone.
  [[nodiscard]] std::uint32_t id_of(std::uint64_t handle, std::uint64_t* words) const noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= capacity_) return 0;
    const Word* entry = entry_at(index);
    if (!is_live(entry[layout::kEntryState].load(std::memory_order_acquire), handle)) return 0;
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    load_words(words, entry + layout::kEntryId, layout::kIdWords);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (!is_live(entry[layout::kEntryState].load(std::memory_order_relaxed), handle)) return 0;
    return static_cast<std::uint32_t>(meta >> layout::kMetaIdBytesShift);
  }

  /// Moves the event to lifecycle state `to`. Any thread; lock-free. kOk and the state before; kIllegal and the state in
  /// which it is; kGone.
  ///
  ///   (L1) acq_rel CAS of the state word: exactly one of concurrent transitions from a state wins (REG-3).
  Status transition(std::uint64_t handle, std::uint32_t to, std::uint32_t* before) noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= capacity_) return Status::kGone;
    Word& state = entry_at(index)[layout::kEntryState];
    std::uint64_t seen = state.load(std::memory_order_acquire);
    for (;;) {
      if (!is_live(seen, handle)) return Status::kGone;
      *before = lifecycle_of(seen);
      if (!may_follow(lifecycle_of(seen), to)) return Status::kIllegal;
      if (state.compare_exchange_weak(seen, (seen & ~kLifecycleMask) | to, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {  // (L1)
        return Status::kOk;
      }
    }
  }

  /// Marks the event as spent: it can never be reserved again (RES-3). Any thread; lock-free. kGone is as good.
  Status spend(std::uint64_t handle) noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= capacity_) return Status::kGone;
    Word& state = entry_at(index)[layout::kEntryState];
    std::uint64_t seen = state.load(std::memory_order_acquire);
    for (;;) {
      if (!is_live(seen, handle)) return Status::kGone;
      if (state.compare_exchange_weak(seen, seen | (std::uint64_t{1} << layout::kStateSpentShift),
                                      std::memory_order_acq_rel, std::memory_order_acquire)) {
        return Status::kOk;
      }
    }
  }

  /// True if the event is live, in an actionable state and unspent, with its type and symbol. Any thread; wait-free.
  [[nodiscard]] bool may_reserve(std::uint64_t handle, std::uint32_t* type, std::uint32_t* symbol) const noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= capacity_) return false;
    const Word* entry = entry_at(index);
    const std::uint64_t seen = entry[layout::kEntryState].load(std::memory_order_acquire);
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    const std::uint64_t again = entry[layout::kEntryState].load(std::memory_order_relaxed);
    if (!is_live(seen, handle) || !is_live(again, handle) || is_spent(again)) return false;
    if (((actionable_ >> lifecycle_of(again)) & 1) == 0) return false;
    *type = type_of(meta);
    *symbol = symbol_of(meta);
    return true;
  }

  /// Retires the event of `handle` and makes its entry free for another. Any thread; lock-free. kGone if somebody did.
  ///
  /// Ordering.
  ///   (T1) acq_rel CAS LIVE → RETIRED: linearization point; exactly one retirer goes on.
  ///   (T2) the mark on the entry's own link: from here no unlink through this entry and no change of its link succeeds.
  ///   (T3) unlink, acq_rel CAS of the predecessor's link.
  ///   (T4) acq_rel raise of the bucket's tag, before (T5): a walk that began earlier is void.
  ///   (T5) release store of FREE synchronizes-with the claiming CAS (G7).
  Status retire(std::uint64_t handle, std::uint64_t owner) noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= capacity_) return Status::kGone;
    Word& state = entry_at(index)[layout::kEntryState];
    std::uint64_t seen = state.load(std::memory_order_acquire);
    for (;;) {
      if (!is_live(seen, handle)) return Status::kGone;
      if (state.compare_exchange_weak(seen, state_word(generation_of(seen), layout::kPhaseRetired, owner),
                                      std::memory_order_acq_rel, std::memory_order_acquire)) {  // (T1)
        break;
      }
    }
    dispose(index, owner);
    return Status::kOk;
  }

  /// Copies the live events of `type` (all types: kAllTypes) as rows of `4 + record_words` words: handle, lifecycle,
  /// spent, type | symbol << 32, record. Any thread; wait-free. Returns how many rows it copied; the capacity always suffices.
  ///
  ///   (S1) acquire-load of the live bits pairs with (G5); (T1) makes what is retired under the scan show in `copy`.
  [[nodiscard]] std::size_t scan(std::uint32_t type, std::uint64_t* rows, std::size_t rows_max) const noexcept {
    const std::size_t row_words = 4 + record_words_;
    std::size_t found = 0;
    const std::size_t map_words = layout::bitmap_words(capacity_);
    const std::size_t first = type == kAllTypes ? 0 : type;
    const std::size_t last = type == kAllTypes ? types_ : type + 1;
    for (std::size_t word = 0; word < capacity_ / 64; ++word) {
      // All types at once: an entry that is reused under another type meanwhile is looked at once only.
      std::uint64_t bits = 0;
      for (std::size_t of_type = first; of_type < last; ++of_type) {
        bits |= live_[of_type * map_words + word].load(std::memory_order_acquire);  // (S1)
      }
      for (; bits != 0 && found < rows_max; bits &= bits - 1) {
        const std::size_t index = word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits));
        std::uint64_t* row = rows + found * row_words;
        EventView view{};
        if (!copy(index, kAnyGeneration, row + 4, &view)) continue;
        if (type != kAllTypes && view.type != type) continue;
        row[0] = view.handle;
        row[1] = view.lifecycle;
        row[2] = view.spent ? 1 : 0;
        row[3] = view.type | (std::uint64_t{view.symbol} << 32);
        ++found;
      }
    }
    return found;
  }

  /// Finishes what the dead participant `owner` left half done, so that no entry is lost. By whoever has confirmed the
  /// death; others may go on working.
  void recover(std::uint64_t owner) noexcept {
    for (std::size_t index = 0; index < capacity_; ++index) {
      const std::uint64_t seen = entry_at(index)[layout::kEntryState].load(std::memory_order_acquire);
      const std::uint64_t phase = phase_of(seen);
      // A hint that was lost between clearing and claiming, or between freeing and setting; one too many does no harm.
      if (phase == layout::kPhaseFree) hint(index);
      if (owner_of(seen) != owner) continue;
      if (phase == layout::kPhaseWriting) abandon(index);
      if (phase == layout::kPhaseRetired) dispose(index, owner);
      // Not linked, it is nobody's but the dead one's; linked, it may become live at any moment, and we say so first.
      if (phase == layout::kPhasePending) {
        std::uint64_t expected = seen;
        if (is_linked(index)) {
          make_live(index, seen);
        } else if (entry_at(index)[layout::kEntryState].compare_exchange_strong(
                       expected, state_word(generation_of(seen), layout::kPhaseWriting, owner),
                       std::memory_order_acq_rel, std::memory_order_relaxed)) {
          // Still pending: nobody found it while we looked, so it never was in a chain. Otherwise it lives a life of its own.
          abandon(index);
        }
      }
    }
  }

  /// Live entries, counted one by one: exact when nobody registers or retires meanwhile.
  [[nodiscard]] std::size_t count_live() const noexcept {
    std::size_t live = 0;
    for (std::size_t index = 0; index < capacity_; ++index) {
      live += phase_of(entry_at(index)[layout::kEntryState].load(std::memory_order_acquire)) == layout::kPhaseLive;
    }
    return live;
  }

  static constexpr std::uint32_t kAllTypes = ~std::uint32_t{0};
  static constexpr unsigned kHandleIndexBits = 16;

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  static constexpr std::uint64_t kAnyGeneration = ~std::uint64_t{0};
  static constexpr std::uint64_t kLifecycleMask = (std::uint64_t{1} << layout::kStateLifecycleBits) - 1;
  static constexpr std::uint64_t kMark = std::uint64_t{1} << layout::kLinkMarkShift;
  static constexpr std::uint64_t kTagOne = std::uint64_t{1} << layout::kLinkTagShift;
  static constexpr std::uint64_t kIndexMask = (std::uint64_t{1} << layout::kLinkIndexBits) - 1;

  struct Found {
    std::size_t index;
    std::uint64_t state;
    bool derailed;
  };

  static std::uint64_t link(std::uint64_t tag, std::uint64_t index_plus_one) noexcept {
    return (tag << layout::kLinkTagShift) | index_plus_one;
  }
  static std::uint64_t tag_of(std::uint64_t word) noexcept { return word >> layout::kLinkTagShift; }
  static std::uint64_t index_of(std::uint64_t word) noexcept { return word & kIndexMask; }
  static std::uint64_t generation_of(std::uint64_t state) noexcept { return state >> layout::kStateGenerationShift; }
  static std::uint64_t phase_of(std::uint64_t state) noexcept { return (state >> layout::kStatePhaseShift) & 15; }
  static std::uint64_t owner_of(std::uint64_t state) noexcept { return (state >> layout::kStateOwnerShift) & 255; }
  static std::uint32_t lifecycle_of(std::uint64_t state) noexcept {
    return static_cast<std::uint32_t>(state & kLifecycleMask);
  }
  static bool is_spent(std::uint64_t state) noexcept { return ((state >> layout::kStateSpentShift) & 1) != 0; }
  static std::uint32_t type_of(std::uint64_t meta) noexcept {
    return static_cast<std::uint32_t>((meta >> layout::kMetaTypeShift) & 255);
  }
  static std::uint32_t symbol_of(std::uint64_t meta) noexcept {
    return static_cast<std::uint32_t>((meta >> layout::kMetaSymbolShift) & 65535);
  }
  static std::uint64_t state_word(std::uint64_t generation, std::uint64_t phase, std::uint64_t owner) noexcept {
    return (generation << layout::kStateGenerationShift) | (owner << layout::kStateOwnerShift) |
           (phase << layout::kStatePhaseShift);
  }
  static std::size_t index_of_handle(std::uint64_t handle) noexcept {
    return handle & ((std::uint64_t{1} << kHandleIndexBits) - 1);
  }
  static std::uint64_t handle_of(std::size_t index, std::uint64_t state) noexcept {
    return (generation_of(state) << kHandleIndexBits) | index;
  }
  static bool is_live(std::uint64_t state, std::uint64_t handle) noexcept {
    return phase_of(state) == layout::kPhaseLive && generation_of(state) == handle >> kHandleIndexBits;
  }
  static std::uint64_t bit_of(std::size_t index) noexcept { return std::uint64_t{1} << (index & 63); }

  [[nodiscard]] Word* entry_at(std::size_t index) const noexcept { return entries_ + index * entry_words_; }
  [[nodiscard]] Word& live_bit(std::uint32_t type, std::size_t index) const noexcept {
    return live_[type * layout::bitmap_words(capacity_) + index / 64];
  }
  [[nodiscard]] bool may_follow(std::uint32_t from, std::uint32_t to) const noexcept {
    return to < 8 && ((transitions_ >> (from * 8 + to)) & 1) != 0;
  }

  /// Walks the chain that begins with `head` for a live entry of `id`, or for the entry `*wanted`. Never longer than the
  /// capacity: a longer walk was derailed by reuse.
  [[nodiscard]] Found find(const EventId& id, std::uint64_t head, const std::size_t* wanted) const noexcept {
    std::uint64_t at = index_of(head);
    for (std::size_t steps = 0; steps <= capacity_; ++steps) {
      if (at == 0) return {kNone, 0, false};
      if (at > capacity_) return {kNone, 0, true};
      const std::size_t index = at - 1;
      const Word* entry = entry_at(index);
      // Acquire: pairs with the release of a reused link, so that the caller's look at the bucket sees the raised tag.
      const std::uint64_t next = entry[layout::kEntryNext].load(std::memory_order_acquire);
      if (wanted != nullptr) {
        if (index == *wanted) return {index, 0, false};
      } else {
        const std::uint64_t state = entry[layout::kEntryState].load(std::memory_order_acquire);
        if (is_filled(state) && is_id(entry, id)) {
          std::atomic_thread_fence(std::memory_order_acquire);
          const std::uint64_t again = entry[layout::kEntryState].load(std::memory_order_relaxed);
          if (is_filled(again) && generation_of(again) == generation_of(state)) return {index, again, false};
        }
      }
      at = index_of(next);
    }
    return {kNone, 0, true};
  }

  /// LIVE, or PENDING: then it is an event if the walk that met it counts.
  static bool is_filled(std::uint64_t state) noexcept {
    return phase_of(state) == layout::kPhaseLive || phase_of(state) == layout::kPhasePending;
  }

  /// Makes an entry that is certainly linked live, if `seen` says that it is not yet. False if it was retired since.
  bool make_live(std::size_t index, std::uint64_t seen) const noexcept {
    if (phase_of(seen) == layout::kPhaseLive) return true;
    const std::uint64_t live = state_word(generation_of(seen), layout::kPhaseLive, owner_of(seen));
    return entry_at(index)[layout::kEntryState].compare_exchange_strong(seen, live, std::memory_order_acq_rel,
                                                                        std::memory_order_acquire) ||  // (G8)
           is_live(seen, handle_of(index, live));
  }

  [[nodiscard]] static bool is_id(const Word* entry, const EventId& id) noexcept {
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    if (static_cast<std::uint32_t>(meta) != id.hash || meta >> layout::kMetaIdBytesShift != id.bytes) return false;
    for (std::size_t word = 0; word * 8 < id.bytes; ++word) {
      if (entry[layout::kEntryId + word].load(std::memory_order_relaxed) != id.words[word]) return false;
    }
    return true;
  }

  /// See `get` for (V1) to (V3). `kAnyGeneration` takes whatever is live.
  [[nodiscard]] bool copy(std::size_t index, std::uint64_t generation, std::uint64_t* record,
                          EventView* view) const noexcept {
    const Word* entry = entry_at(index);
    const std::uint64_t before = entry[layout::kEntryState].load(std::memory_order_acquire);  // (V1)
    if (phase_of(before) != layout::kPhaseLive) return false;
    if (generation != kAnyGeneration && generation_of(before) != generation) return false;
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    load_words(record, entry + layout::kEntryRecord, record_words_);
    std::atomic_thread_fence(std::memory_order_acquire);                                     // (V2)
    const std::uint64_t after = entry[layout::kEntryState].load(std::memory_order_relaxed);  // (V3)
    if (phase_of(after) != layout::kPhaseLive || generation_of(after) != generation_of(before)) return false;
    *view = {handle_of(index, after), lifecycle_of(after), is_spent(after), type_of(meta), symbol_of(meta)};
    return true;
  }

  /// Takes a free entry for `owner`, under a new generation, or kNone. The hint map only says where to look; the CAS of
  /// the state word decides, so a hint too many or a lost race does no harm.
  ///
  ///   (G7) acquire CAS FREE → WRITING synchronizes-with (T5).
  [[nodiscard]] std::size_t claim(std::uint64_t owner) noexcept {
    const std::size_t words = capacity_ / 64;
    for (std::size_t word = 0; word < words; ++word) {
      std::uint64_t hints = free_[word].load(std::memory_order_acquire);
      while (hints != 0) {
        const std::size_t index = word * 64 + static_cast<std::size_t>(__builtin_ctzll(hints));
        const std::uint64_t mine = bit_of(index);
        hints = free_[word].fetch_and(~mine, std::memory_order_acq_rel);
        if ((hints & mine) != 0) {
          Word& state = entry_at(index)[layout::kEntryState];
          std::uint64_t seen = state.load(std::memory_order_relaxed);
          if (phase_of(seen) == layout::kPhaseFree &&
              state.compare_exchange_strong(seen,
                                            state_word(next_generation(seen), layout::kPhaseWriting, owner),
                                            std::memory_order_acquire, std::memory_order_relaxed)) {  // (G7), (G2)
            return index;
          }
        }
        hints &= ~mine;
      }
    }
    return kNone;
  }

  static std::uint64_t next_generation(std::uint64_t state) noexcept {
    return (generation_of(state) + 1) & ((std::uint64_t{1} << layout::kStateGenerationBits) - 1);
  }

  ///   (G3) release fence between the WRITING state and the record; (G6) release store of PENDING. Returns that state.
  std::uint64_t fill(std::size_t index, const EventId& id, std::uint32_t type, std::uint32_t symbol,
            const std::uint64_t* record) noexcept {
    Word* entry = entry_at(index);
    const std::uint64_t writing = entry[layout::kEntryState].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);  // (G3)
    entry[layout::kEntryMeta].store(
        id.hash | (std::uint64_t{symbol} << layout::kMetaSymbolShift) |
            (std::uint64_t{type} << layout::kMetaTypeShift) | (std::uint64_t{id.bytes} << layout::kMetaIdBytesShift),
        std::memory_order_relaxed);
    store_words(entry + layout::kEntryId, id.words, layout::kIdWords);
    store_words(entry + layout::kEntryRecord, record, record_words_);
    const std::uint64_t pending = state_word(generation_of(writing), layout::kPhasePending, owner_of(writing));
    entry[layout::kEntryState].store(pending, std::memory_order_release);  // (G6)
    return pending;
  }

  /// Gives an entry back that was claimed and never linked. Its bit goes first, as in `dispose`.
  void abandon(std::size_t index) noexcept {
    const std::uint64_t meta = entry_at(index)[layout::kEntryMeta].load(std::memory_order_relaxed);
    live_bit(type_of(meta), index).fetch_and(~bit_of(index), std::memory_order_acq_rel);
    Word& state = entry_at(index)[layout::kEntryState];
    const std::uint64_t seen = state.load(std::memory_order_relaxed);
    state.store(state_word(generation_of(seen), layout::kPhaseFree, owner_of(seen)), std::memory_order_release);
    hint(index);
  }

  void hint(std::size_t index) noexcept { free_[index / 64].fetch_or(bit_of(index), std::memory_order_acq_rel); }

  /// Takes a retired entry out of every structure and frees it: see `retire`. Each step may be repeated after a death.
  void dispose(std::size_t index, std::uint64_t owner) noexcept {
    Word* entry = entry_at(index);
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    live_bit(type_of(meta), index).fetch_and(~bit_of(index), std::memory_order_acq_rel);
    entry[layout::kEntryNext].fetch_or(kMark, std::memory_order_acq_rel);  // (T2)
    Word& bucket = buckets_[static_cast<std::uint32_t>(meta) & bucket_mask_];
    while (!unlink(bucket)) {
    }
    bucket.fetch_add(kTagOne, std::memory_order_acq_rel);  // (T4)
    const std::uint64_t generation = generation_of(entry[layout::kEntryState].load(std::memory_order_relaxed));
    entry[layout::kEntryState].store(state_word(generation, layout::kPhaseFree, owner),
                                     std::memory_order_release);  // (T5)
    hint(index);
  }

  /// One walk that unlinks every marked entry it meets. True if the bucket did not change meanwhile but through us: then
  /// whatever was marked before the call is certainly out of the chain.
  bool unlink(Word& bucket) noexcept {
    std::uint64_t head = bucket.load(std::memory_order_acquire);
    Word* before = &bucket;
    std::uint64_t before_word = head;
    std::uint64_t at = index_of(head);
    for (std::size_t steps = 0; at != 0; ++steps) {
      if (at > capacity_ || steps > capacity_) return false;
      Word& next = entry_at(at - 1)[layout::kEntryNext];
      const std::uint64_t next_word = next.load(std::memory_order_acquire);
      if ((next_word & kMark) != 0) {
        const std::uint64_t shortened = link(tag_of(before_word) + 1, index_of(next_word));
        if (!before->compare_exchange_strong(before_word, shortened, std::memory_order_acq_rel,
                                             std::memory_order_relaxed)) {  // (T3)
          return false;
        }
        before_word = shortened;
        if (before == &bucket) head = shortened;
      } else {
        before = &next;
        before_word = next_word;
      }
      at = index_of(next_word);
    }
    return bucket.load(std::memory_order_acquire) == head;
  }

  [[nodiscard]] bool is_linked(std::size_t index) const noexcept {
    const Word* entry = entry_at(index);
    const Word& bucket =
        buckets_[static_cast<std::uint32_t>(entry[layout::kEntryMeta].load(std::memory_order_relaxed)) & bucket_mask_];
    for (;;) {
      const std::uint64_t head = bucket.load(std::memory_order_acquire);
      const Found found = find(EventId{}, head, &index);
      if (!found.derailed && bucket.load(std::memory_order_acquire) == head) return found.index != kNone;
    }
  }

  Word* free_ = nullptr;
  Word* live_ = nullptr;
  Word* buckets_ = nullptr;
  Word* entries_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t types_ = 0;
  std::size_t bucket_mask_ = 0;
  std::size_t record_words_ = 0;
  std::size_t entry_words_ = 0;
  std::uint64_t transitions_ = 0;
  std::uint64_t actionable_ = 0;
};

}  // namespace signalbox
