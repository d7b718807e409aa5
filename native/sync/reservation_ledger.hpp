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
#include "ledger_block.hpp"

namespace signalbox {

class ReservationLedger {
 public:
  using Status = LedgerStatus;
  using Request = LedgerRequest;
  using Limits = LedgerLimits;

  ReservationLedger() noexcept = default;
  /// `scratch` holds one block and belongs to the attachment.
  ReservationLedger(Word* base, std::size_t types, std::size_t slots, std::size_t participants, std::uint64_t owner,
                    std::uint64_t* scratch, EventTable* events) noexcept
      : root_(base + layout::kLedgerRoot),
        blocks_(base + layout::kLedgerBlocks),
        block_count_(1 + 2 * participants),
        block_words_(layout::block_words(types, slots)),
        owner_(owner),
        copy_(scratch, types, slots),
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
      LedgerBlock::Admission admission(copy_, *events_, owner_, idle_pots);
      Status status = Status::kOk;
      std::size_t index = 0;
      while (index < count && status == Status::kOk) {
        status = admission.admit(requests[index], &tokens[index]);
        if (status == Status::kOk) ++index;
      }
      if (status == Status::kOk) {
        if (commit(root)) return Status::kOk;
      } else if (is_current(root)) {  // A refusal is as good as the copy it was read from.
        if (index > 0) copied_root_ = kNoRoot;  // Those before the refused one were admitted into the copy.
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
  /// released by its holder; a SUBMITTED or CLOSING one only with the venue's word (`settled`): refused, or closed. kCapitalRange,
  /// and nothing changes, if the capital would be no amount any more.
  ///
  ///   (B2) the event of a slot that was submitted is marked spent before the root that frees the slot: see (B1).
  Status release(std::uint64_t token, bool settled, std::int64_t capital_change_minor) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      std::uint64_t* slot = copy_.slot_of_token(token);
      if (slot == nullptr) {
        if (is_current(root)) return Status::kStaleToken;
        continue;
      }
      const std::uint64_t state = LedgerBlock::state_of(slot);
      if (state == layout::kSlotOpen || (state != layout::kSlotReserved && !settled)) {
        if (is_current(root)) return Status::kIllegalState;
        continue;
      }
      if (!copy_.may_add_capital(capital_change_minor)) {
        if (is_current(root)) return Status::kCapitalRange;
        continue;
      }
      if (state != layout::kSlotReserved) {
        if (!is_current(root)) continue;
        events_->spend(slot[layout::kSlotEvent]);  // (B2)
      }
      copy_.remove(slot);
      copy_.add_capital(capital_change_minor);
      if (commit(root)) return Status::kOk;
    }
  }

  /// Frees every RESERVED slot whose lease ended at or before `now_ns`, or whose holder is `dead` (kNobody: none). Returns
  /// how many. SUBMITTED and later never expire (ERRATA E5). Anyone; lock-free.
  std::size_t recover(std::int64_t now_ns, std::uint64_t dead) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      std::size_t freed = 0;
      for (std::size_t index = 0; index < copy_.slot_count();) {
        std::uint64_t* slot = copy_.slot_at(index);
        const bool over = static_cast<std::int64_t>(slot[layout::kSlotLease]) <= now_ns;
        if (LedgerBlock::state_of(slot) == layout::kSlotReserved && (over || LedgerBlock::owner_of(slot) == dead)) {
          copy_.remove(slot);
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
      copy_.put_limits(limits);
      if (commit(root)) return;
    }
  }

  /// Copies the current block. Any thread; lock-free. The copy stays valid until the attachment's next call.
  [[nodiscard]] const std::uint64_t* read() noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      if (is_current(root)) return copy_.words();
    }
  }
  [[nodiscard]] std::size_t slot_count() const noexcept { return copy_.slot_count(); }
  [[nodiscard]] const std::uint64_t* slot_at(std::size_t index) const noexcept { return copy_.slot_at(index); }

  static constexpr std::uint64_t kNobody = 0xffff;

 private:
  /// No root: its block number is out of range.
  static constexpr std::uint64_t kNoRoot = ~std::uint64_t{0};
  /// Copies the block that the root names and returns that root. The copy may be torn: every use ends in `is_current` or
  /// `commit`.
  ///
  ///   (A1) acquire-load of the root synchronizes-with (A5): the block is whole if nobody has committed since.
  ///   (A2) the head says how many slots are used; a torn number is bounded by `slot_count`.
  ///   (A7) a root that stands since it was copied, or committed from the copy, names the same words: roots never come back, and
  ///        nobody writes a block that the root names. So a participant that is alone copies nothing. Whoever changes the
  ///        copy without committing it has to forget the root.
  std::uint64_t load_copy() noexcept {
    const std::uint64_t root = root_->load(std::memory_order_acquire);  // (A1)
    if (root == copied_root_) return root;                              // (A7)
    copied_root_ = root;
    const Word* block = block_of(root);
    const std::size_t head = copy_.head_words();
    load_words(copy_.words(), block, head);  // (A2)
    load_words(copy_.words() + head, block + head, copy_.used_words() - head);
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
    store_words(blocks_ + mine * block_words_, copy_.words(), copy_.used_words());
    const std::uint64_t next = ((root >> layout::kRootBlockBits) + 1) << layout::kRootBlockBits | mine;
    if (!root_->compare_exchange_strong(root, next, std::memory_order_acq_rel, std::memory_order_relaxed)) {  // (A5)
      copied_root_ = kNoRoot;
      return false;
    }
    copied_root_ = next;
    return true;
  }

  /// A root that was spoilt from outside must not lead out of the region.
  [[nodiscard]] const Word* block_of(std::uint64_t root) const noexcept {
    const std::size_t block = root & ((std::uint64_t{1} << layout::kRootBlockBits) - 1);
    return blocks_ + (block < block_count_ ? block : 0) * block_words_;
  }

  Status advance(std::uint64_t token, std::uint64_t from, std::uint64_t to) noexcept {
    for (;;) {
      const std::uint64_t root = load_copy();
      std::uint64_t* slot = copy_.slot_of_token(token);
      if (slot == nullptr || LedgerBlock::state_of(slot) != from) {
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

  Word* root_ = nullptr;
  Word* blocks_ = nullptr;
  std::size_t block_count_ = 0;
  std::size_t block_words_ = 0;
  std::uint64_t owner_ = 0;
  LedgerBlock copy_;
  /// The root whose block the copy is, word for word while that root stands; kNoRoot: of none (A7).
  std::uint64_t copied_root_ = kNoRoot;
  EventTable* events_ = nullptr;
};

}  // namespace signalbox
