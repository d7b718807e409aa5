/// The reservation ledger under relacy: one CAS for whole changes, two blocks a participant, the kept copy, spent events.
#include "table_stage.hpp"

#include "sync/reservation_ledger.hpp"

namespace signalbox::relacy {

namespace {

using Status = ReservationLedger::Status;

constexpr std::int64_t kCapital = 100;
constexpr std::uint64_t kX = 2;
constexpr std::uint64_t kY = 4;
constexpr std::uint64_t kZ = 6;

class LedgerPlay : public TablePlay {
 public:
  using TablePlay::TablePlay;

 protected:
  static constexpr std::size_t kEntries = 3;
  static constexpr std::size_t kSlots = 3;
  static constexpr std::size_t kThreads = 3;

  /// A ledger of `kCapital` behind a table of three events, and each thread's attachment to it.
  void before_ledger() {
    before_table(kEntries);
    Word* base = words() + round_up(table_words(kEntries), kLineWords);
    const std::size_t block_words = layout::block_words(kTypes, kSlots);
    const std::size_t used_words = layout::block_slots_offset(kTypes) + kSlots * layout::kSlotWords;
    make(base + layout::kLedgerRoot, 1);
    for (std::size_t block = 0; block < 1 + 2 * kThreads; ++block) {
      Word* at = base + layout::kLedgerBlocks + block * block_words;
      for (std::size_t word = 0; word < used_words; ++word) make(at + word, 1, first_word(block, word));
    }
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      ledgers_[thread] = ReservationLedger(base, kTypes, kSlots, kThreads, thread, copies_[thread], &table_);
    }
  }

  std::uint64_t reserve(std::size_t thread, std::uint64_t handle, std::int64_t capital) {
    const ReservationLedger::Request request{handle, capital, 1'000};
    std::uint64_t token = 0;
    std::size_t refused = 0;
    return ledgers_[thread].reserve(&request, 1, 0, &token, &refused) == Status::kOk ? token : 0;
  }

  /// Every rule that a whole block keeps by itself. Returns the next token, which only grows.
  std::uint64_t read(std::size_t thread) {
    using namespace layout;
    ReservationLedger& ledger = ledgers_[thread];
    const std::uint64_t* block = ledger.read();
    std::int64_t held = 0;
    KEEPS((block[kBlockLimits] & 0xffff) == ledger.slot_count(), "RES-2: a block has no more slots than there are");
    for (std::size_t index = 0; index < ledger.slot_count(); ++index) {
      const std::uint64_t* slot = ledger.slot_at(index);
      held += static_cast<std::int64_t>(slot[kSlotCapital]);
      KEEPS(slot[kSlotToken] < block[kBlockNextToken], "RES-4: tokens come from the past");
      for (std::size_t other = 0; other < index; ++other) {
        KEEPS(ledger.slot_at(other)[kSlotEvent] != slot[kSlotEvent], "RES-3: an event holds one slot");
        KEEPS(ledger.slot_at(other)[kSlotToken] < slot[kSlotToken], "RES-4: tokens only grow");
      }
    }
    KEEPS(held <= static_cast<std::int64_t>(block[kBlockCapital]), "RES-1: no more is held than there is");
    return block[kBlockNextToken];
  }
  std::size_t slot_count(std::size_t thread) {
    read(thread);
    return ledgers_[thread].slot_count();
  }

  ReservationLedger ledgers_[kThreads];

 private:
  /// The block that stands at creation refuses nothing but what its slots refuse; the others hold nothing.
  static std::uint64_t first_word(std::size_t block, std::size_t word) {
    if (block != 0) return 0;
    if (word == layout::kBlockCapital) return kCapital;
    if (word == layout::kBlockNextToken) return 1;
    if (word == layout::kBlockLimits) return 8ull << layout::kLimitsMaxOpenShift | 8ull << layout::kLimitsMaxPerSymbolShift;
    const bool is_mask = word >= layout::kBlockCompatible && word < layout::kBlockCompatible + kTypes;
    return is_mask ? ~std::uint64_t{0} : 0;
  }

  std::uint64_t copies_[kThreads][layout::block_words(kTypes, kSlots)];
};

class OneEvent : public LedgerPlay {
 public:
  OneEvent() : LedgerPlay("ledger: of two who reserve one event one wins, and a reader never sees half a change", 3, 1) {}
  void before() override {
    before_ledger();
    event_ = prepare(kX);
  }
  void thread(unsigned index) override {
    if (index == 2) {
      const std::uint64_t first = read(2);
      KEEPS(read(2) >= first, "RES-4: a reader never goes back");
    } else {
      wins_[index] = reserve(index, event_, 60) != 0;
    }
  }
  void after() override {
    KEEPS(wins_[0] != wins_[1], "RES-3: exactly one reserves the event");
    KEEPS(slot_count(2) == 1, "RES-3: and holds one slot");
  }

 private:
  std::uint64_t event_;
  bool wins_[2];
};

class BlocksInTurn : public LedgerPlay {
 public:
  BlocksInTurn() : LedgerPlay("ledger: a reader is not misled when a participant writes its two blocks over and over", 3) {}
  void before() override {
    before_ledger();
    events_[0] = prepare(kX);
    events_[1] = prepare(kY);
    token_ = reserve(0, events_[0], 90);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      KEEPS(ledgers_[0].release(token_, false, 0) == Status::kOk, "RES-4: a token frees what it reserved");
      const std::uint64_t token = reserve(0, events_[1], 80);
      if (token != 0) KEEPS(ledgers_[0].release(token, false, 0) == Status::kOk, "RES-4: a token frees what it reserved");
    } else if (index == 1) {
      const std::uint64_t token = reserve(1, events_[1], 20);
      if (token != 0) KEEPS(ledgers_[1].release(token, false, 0) == Status::kOk, "RES-4: a token frees what it reserved");
    } else {
      const std::uint64_t first = read(2);
      KEEPS(read(2) >= first, "RES-4: a reader never goes back");
    }
  }
  void after() override { KEEPS(slot_count(2) == 0, "RES-4: everything was released"); }

 private:
  std::uint64_t events_[2];
  std::uint64_t token_;
};

class NeverRefused : public LedgerPlay {
 public:
  NeverRefused() : LedgerPlay("ledger: what fits before and after every change is not refused for a mixture of them", 2) {}
  void before() override {
    before_ledger();
    events_[0] = prepare(kX);
    events_[1] = prepare(kY);
    events_[2] = prepare(kZ);
    token_ = reserve(0, events_[0], 50);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      ledgers_[0].release(token_, false, 0);
      // Half of it old and half new would be 90 of 100.
      const ReservationLedger::Request both[2] = {{events_[1], 10, 1'000}, {events_[0], 40, 1'000}};
      std::uint64_t tokens[2];
      std::size_t refused = 0;
      KEEPS(ledgers_[0].reserve(both, 2, 0, tokens, &refused) == Status::kOk, "RES-1: what fits is admitted");
    } else {
      KEEPS(reserve(1, events_[2], 50) != 0, "RES-1: what fits is admitted");
    }
  }
  void after() override { KEEPS(slot_count(0) == 3, "RES-1: all three hold a slot"); }

 private:
  std::uint64_t events_[3];
  std::uint64_t token_;
};

class SpentForGood : public LedgerPlay {
 public:
  SpentForGood() : LedgerPlay("ledger: an event whose slot was submitted is never reserved again, however its release interleaves", 3) {}
  void before() override {
    before_ledger();
    event_ = prepare(kX);
    token_ = reserve(0, event_, 50);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      KEEPS(ledgers_[0].submit(token_) == Status::kOk, "RES-4: a token is its holder's");
      KEEPS(ledgers_[0].release(token_, true, 0) == Status::kOk, "RES-4: a token frees what it reserved");
    } else {
      KEEPS(reserve(index, event_, 50) == 0, "RES-3: a spent event is never reserved");
    }
  }
  void after() override { KEEPS(slot_count(1) == 0 && reserve(1, event_, 1) == 0, "RES-3: a spent event is never reserved"); }

 private:
  std::uint64_t event_;
  std::uint64_t token_;
};

/// Settled only: the event's mark comes from the release alone (B2), as after a death between `submit` and its mark.
class MarkedAtRelease : public LedgerPlay {
 public:
  MarkedAtRelease() : LedgerPlay("ledger: who finds the slot freed finds its event spent, though only the release marked it", 2, 1) {}
  void before() override {
    before_ledger();
    event_ = prepare(kX);
    token_ = reserve(0, event_, 50);
    ledgers_[0].submit(token_);
    unspend();
  }
  void thread(unsigned index) override {
    if (index == 0) {
      KEEPS(ledgers_[0].release(token_, true, 0) == Status::kOk, "RES-4: a token frees what it reserved");
    } else {
      for (unsigned attempt = 0; attempt < 2; ++attempt) KEEPS(reserve(1, event_, 50) == 0, "RES-3: a spent event is never reserved");
    }
  }

 private:
  void unspend() {
    Word* state = entry_at(index_of_handle(event_)) + layout::kEntryState;
    state->store(now(state) & ~(std::uint64_t{1} << layout::kStateSpentShift), std::memory_order_relaxed);
  }

  std::uint64_t event_;
  std::uint64_t token_;
};

class StaleTokens : public LedgerPlay {
 public:
  StaleTokens() : LedgerPlay("ledger: a lease that ends frees once, and its old token frees nothing after it", 3, 1) {}
  void before() override {
    before_ledger();
    event_ = prepare(kX);
    token_ = reserve(0, event_, 50);
    freed_[0] = freed_[1] = false;
    mine_ = 0;
  }
  void thread(unsigned index) override {
    if (index == 0) {
      freed_[0] = ledgers_[0].release(token_, false, 0) == Status::kOk;
    } else if (index == 1) {
      // The lease of the newcomer's reservation is as old: only the first may be ended here.
      freed_[1] = ledgers_[1].recover(1'000, ReservationLedger::kNobody) == 1;
    } else {
      mine_ = reserve(2, event_, 60);
      KEEPS(mine_ != token_, "RES-4: a token is given once");
    }
  }
  void after() override {
    const std::size_t held = slot_count(0);
    const std::size_t freed = std::size_t{freed_[0]} + std::size_t{freed_[1]};
    KEEPS(freed >= 1 && held + freed == (mine_ != 0 ? 2u : 1u), "RES-4: a slot is freed once");
  }

 private:
  std::uint64_t event_;
  std::uint64_t token_;
  bool freed_[2];
  std::uint64_t mine_;
};

class KeptCopy : public LedgerPlay {
 public:
  KeptCopy() : LedgerPlay("ledger: the copy that a participant keeps is what the root names, beside others' changes", 2) {}
  void before() override {
    before_ledger();
    events_[0] = prepare(kX);
    events_[1] = prepare(kY);
  }
  void thread(unsigned index) override {
    // 60 of 100 each: one is refused while the other holds, and that refusal leaves the copy to the next call (A7).
    std::uint64_t next = read(index);
    for (unsigned turn = 0; turn < 2; ++turn) {
      const std::uint64_t token = reserve(index, events_[index], 60);
      const std::uint64_t after = read(index);
      KEEPS(after > next || (token == 0 && after == next), "RES-4: a token is counted once");
      next = after;
      if (token != 0) KEEPS(ledgers_[index].release(token, false, 0) == Status::kOk, "RES-4: a token frees what it reserved");
    }
  }
  void after() override { KEEPS(slot_count(0) == 0 && slot_count(1) == 0, "RES-4: everything was released"); }

 private:
  std::uint64_t events_[2];
};

}  // namespace

std::vector<Play*> ledger_plays() {
  static OneEvent one;
  static BlocksInTurn turns;
  static NeverRefused never;
  static SpentForGood spent;
  static MarkedAtRelease marked;
  static StaleTokens stale;
  static KeptCopy kept;
  return {&one, &turns, &never, &spent, &marked, &stale, &kept};
}

}  // namespace signalbox::relacy
