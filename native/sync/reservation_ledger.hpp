/// The reservation ledger: who holds which capital for which event, admitted all or nothing (ERRATA E3–E7).
///
/// The whole ledger is one immutable block, published by one CAS of a sequence-tagged root. A change copies the current
/// block into one of the two that its participant owns, changes the copy, and is that CAS: nothing is ever half done, and a
/// SIGKILL leaves the state before or the state after.
///
/// RES-1  No admission raises reserved + open capital above the capital, nor a pot above its budget.
/// RES-2  Nor the positions above their limits, per symbol and account, nor two incompatible types into one scope.
/// RES-3  At most one reservation per event; an event that was ever SUBMITTED is spent for good.
/// RES-4  A token frees only what it reserved; tokens only grow.
///
/// Why a participant may overwrite its other block while strangers still read it: it loaded a root (A1) that names another
/// block, so the root that named this one is gone for good (sequences never repeat), and every reader validates against
/// the root (A4) or fails its CAS (A5).
///
/// Progress. Every operation is lock-free: a failed CAS means that somebody else's change was committed.
#pragma once

#include "event_table.hpp"

namespace signalbox {

class ReservationLedger {
 public:
  /// The order is the precedence of refusals (`ReserveRefusal` in TypeScript).
  enum class Status : std::uint32_t {
    kOk = 0,
    kEventClaimed = 1,
    kInterlocked = 2,
    kSlotTaken = 3,
    kMaxPositions = 4,
    kNoCapital = 5,
    kStaleToken = 6,
    kIllegalState = 7,
  };

  struct Request {
    std::uint64_t handle;
    std::int64_t capital_minor;
    std::int64_t lease_until_ns;
  };

  struct Limits {
    std::int64_t capital_minor;
    std::uint32_t max_open;
    std::uint32_t max_per_symbol;
    std::uint64_t flags;
    std::uint8_t type_pots[layout::kTypesMax];
    std::uint32_t pot_shares[layout::kPotsMax];
    std::uint64_t compatible[layout::kTypesMax];
  };

  ReservationLedger() noexcept = default;
  /// `scratch` holds one block and belongs to the attachment.
  ReservationLedger(Word* base, std::size_t types, std::size_t slots, std::uint64_t owner, std::uint64_t* scratch,
                    EventTable* events) noexcept
      : root_(base + layout::kLedgerRoot),
        blocks_(base + layout::kLedgerBlocks),
        types_(types),
        slots_max_(slots),
        block_words_(layout::block_words(types, slots)),
        slots_at_(layout::block_slots_offset(types)),
        owner_(owner),
        copy_(scratch),
        events_(events) {}

  [[nodiscard]] std::size_t block_words() const noexcept { return block_words_; }

  /// Admits `count` requests together or none. On kOk `tokens[i]` is the token of request i. Otherwise the first refusal
  /// in the order of `Status` of the first request that cannot be admitted, whose number is `*refused`.
  /// `idle_pots`: pots that the caller's decision found idle and that lend at this admission (CONTRACTS, borrow `idle`).
  ///
  ///   (B1) the event's state is read after the root (A1). A slot is freed only after its event was marked spent (B2), so
  ///        a root without the slot brings the mark; a root with it is refused by the slot; and the CAS (A5) fails if the
  ///        root moved between (RES-3).
  Status reserve(const Request* requests, std::size_t count, std::uint64_t idle_pots, std::uint64_t* tokens,
                 std::size_t* refused) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      Admission admission(*this, idle_pots);
      Status status = Status::kOk;
      std::size_t index = 0;
      while (index < count && status == Status::kOk) {
        status = admission.admit(requests[index], &tokens[index]);
        if (status == Status::kOk) ++index;
      }
      if (status == Status::kOk) {
        if (commit(root)) return Status::kOk;
      } else if (is_current(root)) {  // A refusal is as good as the copy it was read from.
        *refused = index;
        return status;
      }
    }
  }

  /// RESERVED → SUBMITTED, to be committed before the order leaves. Lock-free.
  Status submit(std::uint64_t token) noexcept {
    return advance(token, layout::kSlotReserved, layout::kSlotSubmitted);
  }
  /// SUBMITTED → OPEN: the venue filled the entry. Lock-free.
  Status open(std::uint64_t token) noexcept { return advance(token, layout::kSlotSubmitted, layout::kSlotOpen); }
  /// OPEN → CLOSING: the exit is on its way. Lock-free.
  Status close(std::uint64_t token) noexcept { return advance(token, layout::kSlotOpen, layout::kSlotClosing); }

  /// Frees the slot of `token` and adds `capital_change_minor` to the capital in the same commit. A RESERVED slot may be
  /// released by its holder; a SUBMITTED or CLOSING one only with the venue's word (`settled`): refused, or closed.
  ///
  ///   (B2) the event of a slot that was submitted is marked spent before the root that frees the slot: see (B1).
  Status release(std::uint64_t token, bool settled, std::int64_t capital_change_minor) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      std::uint64_t* slot = slot_of_token(token);
      if (slot == nullptr) {
        if (is_current(root)) return Status::kStaleToken;
        continue;
      }
      const std::uint64_t state = state_of(slot);
      if (state == layout::kSlotOpen || (state != layout::kSlotReserved && !settled)) {
        if (is_current(root)) return Status::kIllegalState;
        continue;
      }
      if (state != layout::kSlotReserved) {
        if (!is_current(root)) continue;
        events_->spend(slot[layout::kSlotEvent]);  // (B2)
      }
      remove(slot);
      copy_[layout::kBlockCapital] = static_cast<std::uint64_t>(
          static_cast<std::int64_t>(copy_[layout::kBlockCapital]) + capital_change_minor);
      if (commit(root)) return Status::kOk;
    }
  }

  /// Frees every RESERVED slot whose lease ended at or before `now_ns`, or whose holder is `dead` (kNobody: none). Returns
  /// how many. SUBMITTED and later never expire (ERRATA E5). Anyone; lock-free.
  std::size_t recover(std::int64_t now_ns, std::uint64_t dead) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      std::size_t freed = 0;
      for (std::size_t index = 0; index < slot_count();) {
        std::uint64_t* slot = slot_at(index);
        const bool over = static_cast<std::int64_t>(slot[layout::kSlotLease]) <= now_ns;
        if (state_of(slot) == layout::kSlotReserved && (over || owner_of(slot) == dead)) {
          remove(slot);
          ++freed;
        } else {
          ++index;
        }
      }
      if (freed == 0) {
        if (is_current(root)) return 0;
        continue;
      }
      if (commit(root)) return freed;
    }
  }

  /// Replaces capital and limits. Positions that exceed the new ones stay; they only refuse further ones (RES-1). Lock-free.
  void set_limits(const Limits& limits) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      write_limits(limits);
      if (commit(root)) return;
    }
  }

  /// Copies the current block. Any thread; lock-free. The copy stays valid until the attachment's next call.
  [[nodiscard]] const std::uint64_t* read() noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      if (is_current(root)) return copy_;
    }
  }
  [[nodiscard]] std::size_t slot_count() const noexcept {
    const std::size_t count = copy_[layout::kBlockLimits] & 0xffff;
    // A torn copy may say anything; its user finds out at validation, and must not leave the block until then.
    return count <= slots_max_ ? count : slots_max_;
  }
  [[nodiscard]] std::uint64_t* slot_at(std::size_t index) const noexcept {
    return copy_ + slots_at_ + index * layout::kSlotWords;
  }

  static constexpr std::uint64_t kNobody = 0xffff;

 private:
  /// Admits requests one after the other into the copied block.
  class Admission {
   public:
    Admission(ReservationLedger& ledger, std::uint64_t idle_pots) noexcept : ledger_(ledger) {
      capital_ = static_cast<std::int64_t>(ledger_.copy_[layout::kBlockCapital]);
      available_ = capital_;
      for (std::size_t pot = 0; pot < layout::kPotsMax; ++pot) {
        budgets_[pot] = uses_pots() ? share_of(capital_, ledger_.pot_share(pot)) : 0;
      }
      for (std::size_t index = 0; index < ledger_.slot_count(); ++index) {
        const std::uint64_t* slot = ledger_.slot_at(index);
        const std::int64_t held = static_cast<std::int64_t>(slot[layout::kSlotCapital]);
        available_ -= held;
        const std::size_t pot = ledger_.pot_of(type_of(slot));
        if (pot != kNoPot) budgets_[pot] -= held;
      }
      for (std::size_t pot = 0; pot < layout::kPotsMax; ++pot) {
        if (budgets_[pot] < 0) budgets_[pot] = 0;
        if (((idle_pots >> pot) & 1) != 0) {
          borrowable_ += budgets_[pot];
          budgets_[pot] = 0;
        }
      }
    }

    Status admit(const Request& request, std::uint64_t* token) noexcept {
      std::uint64_t* block = ledger_.copy_;
      std::uint32_t type = 0;
      std::uint32_t symbol = 0;
      if (!ledger_.events_->may_reserve(request.handle, &type, &symbol)) return Status::kEventClaimed;  // (B1)
      const std::size_t count = ledger_.slot_count();
      const std::uint64_t flags = block[layout::kBlockFlags];
      const std::uint64_t compatible = block[layout::kBlockCompatible + type];
      std::size_t on_symbol = 0;
      bool claimed = false;
      bool interlocked = false;
      for (std::size_t index = 0; index < count; ++index) {
        const std::uint64_t* slot = ledger_.slot_at(index);
        const bool same_symbol = symbol_of(slot) == symbol;
        claimed |= slot[layout::kSlotEvent] == request.handle;
        on_symbol += same_symbol;
        interlocked |= ((compatible >> type_of(slot)) & 1) == 0 &&
                       (same_symbol || (flags & layout::kFlagInterlockBySymbol) == 0);
      }
      const std::uint64_t limits = block[layout::kBlockLimits];
      const std::size_t max_open = (limits >> layout::kLimitsMaxOpenShift) & 0xffff;
      if (claimed) return Status::kEventClaimed;
      if (interlocked && (flags & layout::kFlagInterlock) != 0) return Status::kInterlocked;
      if (on_symbol >= ((limits >> layout::kLimitsMaxPerSymbolShift) & 0xffff)) return Status::kSlotTaken;
      if (count >= max_open || count >= ledger_.slots_max_) return Status::kMaxPositions;
      if (!spend_budget(type, request.capital_minor)) return Status::kNoCapital;
      *token = block[layout::kBlockNextToken]++;
      std::uint64_t* slot = ledger_.slot_at(count);
      slot[layout::kSlotToken] = *token;
      slot[layout::kSlotEvent] = request.handle;
      slot[layout::kSlotCapital] = static_cast<std::uint64_t>(request.capital_minor);
      slot[layout::kSlotPacked] = symbol | (std::uint64_t{type} << layout::kPackedTypeShift) |
                                  (layout::kSlotReserved << layout::kPackedStateShift) |
                                  (ledger_.owner_ << layout::kPackedOwnerShift);
      slot[layout::kSlotLease] = static_cast<std::uint64_t>(request.lease_until_ns);
      block[layout::kBlockLimits] = limits + 1;
      return Status::kOk;
    }

   private:
    [[nodiscard]] bool uses_pots() const noexcept {
      return (ledger_.copy_[layout::kBlockFlags] & layout::kFlagPots) != 0;
    }

    /// A pot spends its own budget first, then what idle pots lend, each lent unit once (CONTRACTS, "Budget").
    bool spend_budget(std::uint32_t type, std::int64_t wanted) noexcept {
      if (wanted > available_) return false;
      if (uses_pots()) {
        const std::size_t pot = ledger_.pot_of(type);
        if (pot == kNoPot) return false;
        const std::int64_t own = wanted < budgets_[pot] ? wanted : budgets_[pot];
        if (wanted - own > borrowable_) return false;
        budgets_[pot] -= own;
        borrowable_ -= wanted - own;
      }
      available_ -= wanted;
      return true;
    }

    ReservationLedger& ledger_;
    std::int64_t capital_ = 0;
    std::int64_t available_ = 0;
    std::int64_t borrowable_ = 0;
    std::int64_t budgets_[layout::kPotsMax] = {};
  };

  static constexpr std::size_t kNoPot = ~std::size_t{0};

  /// ⌊capital × share ÷ 10⁶⌋, exactly.
  static std::int64_t share_of(std::int64_t capital, std::uint32_t share_ppm) noexcept {
    if (capital <= 0) return 0;
    return static_cast<std::int64_t>(static_cast<unsigned __int128>(capital) * share_ppm / 1'000'000u);
  }
  static std::uint32_t symbol_of(const std::uint64_t* slot) noexcept {
    return static_cast<std::uint32_t>(slot[layout::kSlotPacked] & 0xffff);
  }
  static std::uint32_t type_of(const std::uint64_t* slot) noexcept {
    return static_cast<std::uint32_t>((slot[layout::kSlotPacked] >> layout::kPackedTypeShift) & 63);
  }
  static std::uint64_t state_of(const std::uint64_t* slot) noexcept {
    return (slot[layout::kSlotPacked] >> layout::kPackedStateShift) & 255;
  }
  static std::uint64_t owner_of(const std::uint64_t* slot) noexcept {
    return (slot[layout::kSlotPacked] >> layout::kPackedOwnerShift) & 0xffff;
  }
  [[nodiscard]] std::size_t pot_of(std::uint32_t type) const noexcept {
    const std::uint64_t word = copy_[layout::kBlockTypePots + type / 8];
    const std::size_t pot = (word >> (type % 8 * 8)) & 255;
    return pot == 0 || pot > layout::kPotsMax ? kNoPot : pot - 1;
  }
  [[nodiscard]] std::uint32_t pot_share(std::size_t pot) const noexcept {
    return static_cast<std::uint32_t>(copy_[layout::kBlockPotShares + pot / 2] >> (pot % 2 * 32));
  }

  /// Copies the block that the root names and returns that root. The copy may be torn: every use ends in `is_current` or
  /// `commit`.
  ///
  ///   (A1) acquire-load of the root synchronizes-with (A5): the block is whole if nobody has committed since.
  ///   (A2) the head says how many slots are used; a torn number is bounded by `slot_count`.
  std::uint64_t load_copy() noexcept {
    const std::uint64_t root = root_->load(std::memory_order_acquire);  // (A1)
    const Word* block = block_of(root);
    load_words(copy_, block, slots_at_);  // (A2)
    load_words(copy_ + slots_at_, block + slots_at_, slot_count() * layout::kSlotWords);
    return root;
  }

  /// True if the copy that was taken under `root` is whole.
  ///
  ///   (A3) the acquire fence keeps the copy above (A4); with (A6) a word of a reused block shows in (A4).
  ///   (A4) relaxed suffices behind the fence.
  [[nodiscard]] bool is_current(std::uint64_t root) const noexcept {
    std::atomic_thread_fence(std::memory_order_acquire);              // (A3)
    return root_->load(std::memory_order_relaxed) == root;            // (A4)
  }

  /// Writes the copy into the participant's block that the root does not name, and publishes it.
  ///
  ///   (A5) acq_rel CAS of the root: linearization point. Its success says that `root` stood since (A1), so the copy was
  ///        whole; release brings the block to (A1).
  ///   (A6) the release fence orders (A1), which saw the block replaced, before the block's new words.
  bool commit(std::uint64_t root) noexcept {
    const std::uint64_t named = root & ((std::uint64_t{1} << layout::kRootBlockBits) - 1);
    const std::uint64_t mine = 1 + 2 * owner_ + (named == 1 + 2 * owner_ ? 1 : 0);
    std::atomic_thread_fence(std::memory_order_release);  // (A6)
    store_words(blocks_ + mine * block_words_, copy_, slots_at_ + slot_count() * layout::kSlotWords);
    const std::uint64_t next = ((root >> layout::kRootBlockBits) + 1) << layout::kRootBlockBits | mine;
    return root_->compare_exchange_strong(root, next, std::memory_order_acq_rel, std::memory_order_relaxed);  // (A5)
  }

  [[nodiscard]] const Word* block_of(std::uint64_t root) const noexcept {
    return blocks_ + (root & ((std::uint64_t{1} << layout::kRootBlockBits) - 1)) * block_words_;
  }

  [[nodiscard]] std::uint64_t* slot_of_token(std::uint64_t token) const noexcept {
    for (std::size_t index = 0; index < slot_count(); ++index) {
      if (slot_at(index)[layout::kSlotToken] == token) return slot_at(index);
    }
    return nullptr;
  }

  Status advance(std::uint64_t token, std::uint64_t from, std::uint64_t to) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      std::uint64_t* slot = slot_of_token(token);
      if (slot == nullptr || state_of(slot) != from) {
        if (is_current(root)) return slot == nullptr ? Status::kStaleToken : Status::kIllegalState;
        continue;
      }
      const std::uint64_t event = slot[layout::kSlotEvent];
      slot[layout::kSlotPacked] += (to - from) << layout::kPackedStateShift;
      if (!commit(root)) continue;
      // For whoever looks at the registry only. (B1) rests on (B2): a death here leaves the slot, which refuses as well.
      if (to == layout::kSlotSubmitted) events_->spend(event);
      return Status::kOk;
    }
  }

  /// Takes `slot` out; the others keep their order, the order of admission.
  void remove(std::uint64_t* slot) noexcept {
    const std::size_t last = slot_count() - 1;
    const std::size_t index = static_cast<std::size_t>(slot - slot_at(0)) / layout::kSlotWords;
    std::memmove(slot, slot + layout::kSlotWords, (last - index) * layout::kSlotWords * sizeof(std::uint64_t));
    copy_[layout::kBlockLimits] -= 1;
  }

  void write_limits(const Limits& limits) noexcept {
    copy_[layout::kBlockCapital] = static_cast<std::uint64_t>(limits.capital_minor);
    copy_[layout::kBlockLimits] = slot_count() | (std::uint64_t{limits.max_open} << layout::kLimitsMaxOpenShift) |
                                  (std::uint64_t{limits.max_per_symbol} << layout::kLimitsMaxPerSymbolShift);
    copy_[layout::kBlockFlags] = limits.flags;
    std::memcpy(copy_ + layout::kBlockTypePots, limits.type_pots, sizeof limits.type_pots);
    std::memcpy(copy_ + layout::kBlockPotShares, limits.pot_shares, sizeof limits.pot_shares);
    std::memcpy(copy_ + layout::kBlockCompatible, limits.compatible, types_ * sizeof(std::uint64_t));
  }

  Word* root_ = nullptr;
  Word* blocks_ = nullptr;
  std::size_t types_ = 0;
  std::size_t slots_max_ = 0;
  std::size_t block_words_ = 0;
  std::size_t slots_at_ = 0;
  std::uint64_t owner_ = 0;
  std::uint64_t* copy_ = nullptr;
  EventTable* events_ = nullptr;
};

}  // namespace signalbox
