/// The event table: fixed capacity, lock-free, addressed by id and by handle (ERRATA E2).
///
/// An entry is claimed by a CAS on its state word, filled, announced by a bit in its type's live map, and linked into its
/// id's bucket (id_index.hpp). It is PENDING until then; whoever knows that it is linked (its registrar, or who found it by a
/// walk that counts) makes it LIVE, and only then acts on it. A retired entry is taken out of the index before it can be
/// claimed again.
///
/// REG-1  Of concurrent registers of one id exactly one wins, also while neighbours retire.
/// REG-2  A read returns the whole record of one generation, or says that it is gone.
/// REG-3  The lifecycle only takes transitions that the header permits; each is one CAS.
/// REG-4  A scan returns every event that was live throughout it, each record whole.
/// REG-5  A handle is valid for one generation; after retire it never becomes valid again.
///
/// Progress. Register, retire, get by id: lock-free (a retry means that somebody's register or retire of the same bucket,
/// or a transition of the same event, succeeded). Get by handle and scan: bounded per entry. No operation waits.
#pragma once

#include "id_index.hpp"
#include "live_map.hpp"

namespace signalbox {

class EventTable {
 public:
  /// kSpoilt: the chain of the id's bucket breaks REG-1 (id_index.hpp), which no operation of ours does to it.
  enum class Status : std::uint32_t { kOk = 0, kExists = 1, kFull = 2, kGone = 3, kIllegal = 4, kSpoilt = 5 };

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
        live_(base + layout::event_live_offset(capacity), capacity, types),
        entries_{base + layout::event_entries_offset(capacity, types, buckets), capacity,
                 layout::entry_words(record_words)},
        index_(base + layout::event_buckets_offset(capacity, types), buckets, entries_),
        types_(types),
        record_words_(record_words),
        transitions_(transitions),
        actionable_(actionable) {}

  [[nodiscard]] std::size_t capacity() const noexcept { return entries_.capacity; }
  [[nodiscard]] std::size_t record_words() const noexcept { return record_words_; }

  /// Registers a new event as live in lifecycle state 0. Any thread; lock-free.
  /// kOk and its handle; kExists and the live event's handle; kFull (entries of operations in flight count as used); kSpoilt.
  ///
  /// Ordering. (G1), (G9) and (G4), the walk and the insertion, stand in id_index.hpp.
  ///   (G5) the live bit, in live_map.hpp, before the entry can be linked.
  ///   (G2) the entry's state WRITING under its new generation, made to precede the record by the release fence (G3):
  ///        a reader that copied any word of the new record has, behind (V2), to see the new generation in (V3).
  ///   (G8) acq_rel CAS PENDING → LIVE: linearization point, by the registrar or by the first who found the event.
  Status register_event(const EventId& id, std::uint32_t type, std::uint32_t symbol, const std::uint64_t* record,
                        std::uint64_t owner, std::uint64_t* handle) noexcept {
    Word& bucket = index_.bucket_of(id.hash);
    std::size_t mine = kNoEntry;
    std::uint64_t pending = 0;
    for (;;) {
      const IdIndex::Walk found = index_.find(bucket, id);  // (G1)
      if (found.derailed) {
        if (mine != kNoEntry) abandon(mine);
        return Status::kSpoilt;
      }
      if (found.index != kNoEntry) {
        if (!IdIndex::counts(bucket, found) || !make_live(found.index, found.state)) continue;
        if (mine != kNoEntry) abandon(mine);
        *handle = handle_of(found.index, found.state);
        return Status::kExists;
      }
      if (mine == kNoEntry) {
        mine = claim(owner);
        if (mine == kNoEntry) {
          // Full counts only if the walk that missed the id does.
          if (!IdIndex::counts(bucket, found)) continue;
          return Status::kFull;
        }
        pending = fill(mine, id, type, symbol, record);
        live_.set(type, mine);  // (G5)
      }
      if (index_.try_insert(bucket, found, mine)) {  // (G9), (G4)
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
    return index < entries_.capacity && copy(index, generation_of_handle(handle), record, view) ? Status::kOk : Status::kGone;
  }

  /// Copies the live event of `id`. Any thread; lock-free. kOk, kGone, kSpoilt.
  [[nodiscard]] Status get_by_id(const EventId& id, std::uint64_t* record, EventView* view) const noexcept {
    const Word& bucket = index_.bucket_of(id.hash);
    for (;;) {
      const IdIndex::Walk found = index_.find(bucket, id);
      if (found.derailed) return Status::kSpoilt;
      const bool is_found = found.index != kNoEntry;
      if (is_found && (!IdIndex::counts(bucket, found) || !make_live(found.index, found.state))) continue;
      const bool whole = is_found && copy(found.index, generation_of(found.state), record, view);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (bucket.load(std::memory_order_relaxed) != found.head) continue;
      // An entry that stopped being live under an unchanged bucket was retired just now, its unlinking still to come.
      return whole ? Status::kOk : Status::kGone;
    }
  }

  /// Copies the id of the live event of `handle` into `words`. Any thread. Returns the number of bytes, 0 if gone.
  [[nodiscard]] std::uint32_t id_of(std::uint64_t handle, std::uint64_t* words) const noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= entries_.capacity) return 0;
    const Word* entry = entries_.at(index);
    if (!is_live(entry[layout::kEntryState].load(std::memory_order_acquire), handle)) return 0;
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    load_words(words, entry + layout::kEntryId, layout::kIdWords);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (!is_live(entry[layout::kEntryState].load(std::memory_order_relaxed), handle)) return 0;
    return id_bytes_of(meta);
  }

  /// Moves the event to lifecycle state `to`. Any thread; lock-free. kOk and the state before; kIllegal and the state in
  /// which it is; kGone.
  ///
  ///   (L1) acq_rel CAS of the state word: exactly one of concurrent transitions from a state wins (REG-3).
  Status transition(std::uint64_t handle, std::uint32_t to, std::uint32_t* before) noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= entries_.capacity) return Status::kGone;
    Word& state = state_at(index);
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
    if (index >= entries_.capacity) return Status::kGone;
    Word& state = state_at(index);
    std::uint64_t seen = state.load(std::memory_order_acquire);
    for (;;) {
      if (!is_live(seen, handle)) return Status::kGone;
      if (state.compare_exchange_weak(seen, seen | (std::uint64_t{1} << layout::kStateSpentShift),
                                      std::memory_order_acq_rel, std::memory_order_acquire)) {
        return Status::kOk;
      }
    }
  }

  /// True if the event is live, in an actionable state and unspent, with its type (below the table's) and symbol. Any thread;
  /// wait-free.
  [[nodiscard]] bool may_reserve(std::uint64_t handle, std::uint32_t* type, std::uint32_t* symbol) const noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= entries_.capacity) return false;
    const Word* entry = entries_.at(index);
    const std::uint64_t seen = entry[layout::kEntryState].load(std::memory_order_acquire);
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    const std::uint64_t again = entry[layout::kEntryState].load(std::memory_order_relaxed);
    if (!is_live(seen, handle) || !is_live(again, handle) || is_spent(again)) return false;
    if (((actionable_ >> lifecycle_of(again)) & 1) == 0) return false;
    *type = type_of(meta);
    *symbol = symbol_of(meta);
    return *type < types_;
  }

  /// Retires the event of `handle` and makes its entry free for another. Any thread; lock-free. kGone if somebody did. kSpoilt: it is
  /// retired, but its entry, which may be linked still, stays so and is lost.
  ///
  /// Ordering.
  ///   (T1) acq_rel CAS LIVE → RETIRED: linearization point; exactly one retirer goes on.
  ///   (T2), (T3), (T4) mark, unlink and raise, in id_index.hpp, before
  ///   (T5) release store of FREE synchronizes-with the claiming CAS (G7).
  Status retire(std::uint64_t handle, std::uint64_t owner) noexcept {
    const std::size_t index = index_of_handle(handle);
    if (index >= entries_.capacity) return Status::kGone;
    Word& state = state_at(index);
    std::uint64_t seen = state.load(std::memory_order_acquire);
    for (;;) {
      if (!is_live(seen, handle)) return Status::kGone;
      if (state.compare_exchange_weak(seen, state_word(generation_of(seen), layout::kPhaseRetired, owner),
                                      std::memory_order_acq_rel, std::memory_order_acquire)) {  // (T1)
        break;
      }
    }
    return dispose(index, owner) ? Status::kOk : Status::kSpoilt;
  }

  /// Copies the live events of `type` (all types: kAllTypes) as rows of `4 + record_words` words: handle, lifecycle,
  /// spent, type | symbol << 32, record. Any thread; wait-free. Returns how many rows it copied; the capacity always suffices.
  ///
  ///   (S1), in live_map.hpp, pairs with (G5); (T1) makes what is retired under the scan show in `copy`.
  [[nodiscard]] std::size_t scan(std::uint32_t type, std::uint64_t* rows, std::size_t rows_max) const noexcept {
    return scan(type, rows, rows_max, [](std::uint64_t* row, const EventView& view) {
      row[0] = view.handle;
      row[1] = view.lifecycle;
      row[2] = view.spent ? 1 : 0;
      row[3] = view.type | (std::uint64_t{view.symbol} << 32);
    });
  }

  /// The same with the first four words of a row as `write_head(row, view)` writes them.
  template <typename WriteHead>
  [[nodiscard]] std::size_t scan(std::uint32_t type, std::uint64_t* rows, std::size_t rows_max,
                                 WriteHead write_head) const noexcept {
    // Of its own: a copy's barriers make the compiler fetch the members anew.
    const EventTable table = *this;
    const std::size_t row_words = 4 + table.record_words_;
    const std::size_t words = table.entries_.capacity / 64;
    std::uint64_t* row = rows;
    std::uint64_t* const end = rows + rows_max * row_words;
    for (std::size_t line = 0; line < words; line += kLineWords) {
      std::uint64_t bits[kLineWords];
      if (!table.live_.load_line(type, line, bits)) continue;  // (S1)
      const std::size_t in_line = words - line < kLineWords ? words - line : kLineWords;
      for (std::size_t word = 0; word < in_line; ++word) {
        for (std::uint64_t left = bits[word]; left != 0 && row != end; left &= left - 1) {
          const std::size_t index = (line + word) * 64 + static_cast<std::size_t>(__builtin_ctzll(left));
          EventView view{};
          if (!table.copy(index, kAnyGeneration, row + 4, &view)) continue;
          if (type != kAllTypes && view.type != type) continue;
          write_head(row, view);
          row += row_words;
        }
      }
    }
    return static_cast<std::size_t>(row - rows) / row_words;
  }

  /// Finishes what the dead participant `owner` left half done, so that no entry is lost. By whoever has confirmed the
  /// death; others may go on working. An entry whose chain is spoilt stays as it is: nobody can say whether it is linked.
  void recover(std::uint64_t owner) noexcept {
    for (std::size_t index = 0; index < entries_.capacity; ++index) {
      std::uint64_t seen = state_at(index).load(std::memory_order_acquire);
      const std::uint64_t phase = phase_of(seen);
      // A hint that was lost between clearing and claiming, or between freeing and setting; one too many does no harm.
      if (phase == layout::kPhaseFree) hint(index);
      if (owner_of(seen) != owner) continue;
      if (phase == layout::kPhaseWriting) abandon(index);
      if (phase == layout::kPhaseRetired) dispose(index, owner);
      // Not linked, it is nobody's but the dead one's; linked, it may become live at any moment, and we say so first.
      if (phase == layout::kPhasePending) {
        const std::uint64_t meta = entries_.at(index)[layout::kEntryMeta].load(std::memory_order_relaxed);
        const IdIndex::Place place = index_.place_of(index, hash_of(meta));
        if (place == IdIndex::Place::kLinked) {
          make_live(index, seen);
        } else if (place == IdIndex::Place::kNotLinked &&
                   state_at(index).compare_exchange_strong(
                       seen, state_word(generation_of(seen), layout::kPhaseWriting, owner),
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
    for (std::size_t index = 0; index < entries_.capacity; ++index) {
      live += phase_of(state_at(index).load(std::memory_order_acquire)) == layout::kPhaseLive;
    }
    return live;
  }

  static constexpr std::uint32_t kAllTypes = ~std::uint32_t{0};

 private:
  static constexpr std::uint64_t kAnyGeneration = ~std::uint64_t{0};

  [[nodiscard]] Word& state_at(std::size_t index) const noexcept { return entries_.at(index)[layout::kEntryState]; }
  [[nodiscard]] bool may_follow(std::uint32_t from, std::uint32_t to) const noexcept {
    return to < 8 && ((transitions_ >> (from * 8 + to)) & 1) != 0;
  }

  /// Makes an entry that is certainly linked live, if `seen` says that it is not yet. False if it was retired since.
  bool make_live(std::size_t index, std::uint64_t seen) const noexcept {
    if (phase_of(seen) == layout::kPhaseLive) return true;
    const std::uint64_t live = state_word(generation_of(seen), layout::kPhaseLive, owner_of(seen));
    return state_at(index).compare_exchange_strong(seen, live, std::memory_order_acq_rel,
                                                   std::memory_order_acquire) ||  // (G8)
           is_live(seen, handle_of(index, live));
  }

  /// See `get` for (V1) to (V3). `kAnyGeneration` takes whatever is live.
  [[nodiscard]] bool copy(std::size_t index, std::uint64_t generation, std::uint64_t* record,
                          EventView* view) const noexcept {
    const Word* entry = entries_.at(index);
    const std::uint64_t before = entry[layout::kEntryState].load(std::memory_order_acquire);  // (V1)
    if (phase_of(before) != layout::kPhaseLive) return false;
    if (generation != kAnyGeneration && generation_of(before) != generation) return false;
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    load_words(record, entry + layout::kEntryRecord, record_words_);
    std::atomic_thread_fence(std::memory_order_acquire);                                     // (V2)
    const std::uint64_t after = entry[layout::kEntryState].load(std::memory_order_relaxed);  // (V3)
    if (((after ^ before) & kIdentityMask) != 0) return false;
    *view = {handle_of(index, after), lifecycle_of(after), is_spent(after), type_of(meta), symbol_of(meta)};
    // Callers take the type for an index: an event whose type is none, in bytes that somebody spoilt, is none either.
    return view->type < types_;
  }

  /// Takes a free entry for `owner`, under a new generation, or kNoEntry. The hint map only says where to look; the CAS of
  /// the state word decides, so a hint too many or a lost race does no harm.
  ///
  ///   (G7) acquire CAS FREE → WRITING synchronizes-with (T5).
  [[nodiscard]] std::size_t claim(std::uint64_t owner) noexcept {
    const std::size_t words = entries_.capacity / 64;
    for (std::size_t word = 0; word < words; ++word) {
      std::uint64_t hints = free_[word].load(std::memory_order_acquire);
      while (hints != 0) {
        const std::size_t index = word * 64 + static_cast<std::size_t>(__builtin_ctzll(hints));
        const std::uint64_t mine = LiveMap::bit_of(index);
        hints = free_[word].fetch_and(~mine, std::memory_order_acq_rel);
        if ((hints & mine) != 0) {
          Word& state = state_at(index);
          std::uint64_t seen = state.load(std::memory_order_relaxed);
          if (phase_of(seen) == layout::kPhaseFree &&
              state.compare_exchange_strong(seen, state_word(next_generation(seen), layout::kPhaseWriting, owner),
                                            std::memory_order_acquire, std::memory_order_relaxed)) {  // (G7), (G2)
            return index;
          }
        }
        hints &= ~mine;
      }
    }
    return kNoEntry;
  }

  ///   (G3) release fence between the WRITING state and the record; (G6) release store of PENDING. Returns that state.
  std::uint64_t fill(std::size_t index, const EventId& id, std::uint32_t type, std::uint32_t symbol,
                     const std::uint64_t* record) noexcept {
    Word* entry = entries_.at(index);
    const std::uint64_t writing = entry[layout::kEntryState].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);  // (G3)
    entry[layout::kEntryMeta].store(meta_word(id, type, symbol), std::memory_order_relaxed);
    store_words(entry + layout::kEntryId, id.words, layout::kIdWords);
    store_words(entry + layout::kEntryRecord, record, record_words_);
    const std::uint64_t pending = state_word(generation_of(writing), layout::kPhasePending, owner_of(writing));
    entry[layout::kEntryState].store(pending, std::memory_order_release);  // (G6)
    return pending;
  }

  /// Gives an entry back that was claimed and never linked. Its bit goes first, as in `dispose`.
  void abandon(std::size_t index) noexcept {
    const std::uint64_t meta = entries_.at(index)[layout::kEntryMeta].load(std::memory_order_relaxed);
    live_.clear(type_of(meta), index);
    Word& state = state_at(index);
    const std::uint64_t seen = state.load(std::memory_order_relaxed);
    state.store(state_word(generation_of(seen), layout::kPhaseFree, owner_of(seen)), std::memory_order_release);
    hint(index);
  }

  void hint(std::size_t index) noexcept { free_[index / 64].fetch_or(LiveMap::bit_of(index), std::memory_order_acq_rel); }

  /// Takes a retired entry out of every structure and frees it: see `retire`. Each step may be repeated after a death. False: spoilt.
  bool dispose(std::size_t index, std::uint64_t owner) noexcept {
    Word* entry = entries_.at(index);
    const std::uint64_t meta = entry[layout::kEntryMeta].load(std::memory_order_relaxed);
    live_.clear(type_of(meta), index);
    if (!index_.remove(index, hash_of(meta))) return false;  // (T2), (T3), (T4)
    const std::uint64_t generation = generation_of(entry[layout::kEntryState].load(std::memory_order_relaxed));
    entry[layout::kEntryState].store(state_word(generation, layout::kPhaseFree, owner),
                                     std::memory_order_release);  // (T5)
    hint(index);
    return true;
  }

  Word* free_ = nullptr;
  LiveMap live_;
  EventEntries entries_;
  IdIndex index_;
  std::size_t types_ = 0;
  std::size_t record_words_ = 0;
  std::uint64_t transitions_ = 0;
  std::uint64_t actionable_ = 0;
};

}  // namespace signalbox
