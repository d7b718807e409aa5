/// The reservation ledger under the explorer: one CAS for whole changes, two blocks a participant, spent events, deaths.
#include "stage.hpp"

namespace signalbox::model {

namespace {

using Status = ReservationLedger::Status;

constexpr std::int64_t kCapital = 100;
constexpr std::uint64_t kX = 2;
constexpr std::uint64_t kY = 4;
constexpr std::uint64_t kZ = 6;

Play play(const char* title, std::uint64_t slots = 2) {
  auto stage = std::make_shared<Stage>(slots);
  stage->ledger(0).set_limits(test::open_limits(kCapital));
  return {stage, stage->scenario(title)};
}

std::uint64_t reserve(Stage* stage, std::size_t thread, std::uint64_t handle, std::int64_t capital) {
  const ReservationLedger::Request request{handle, capital, 1'000};
  std::uint64_t token = 0;
  std::size_t refused = 0;
  note("reserve");
  const Status status = stage->ledger(thread).reserve(&request, 1, 0, &token, &refused);
  note(status == Status::kOk ? "reserved " + std::to_string(token) : "refused " + std::to_string(int(status)));
  return status == Status::kOk ? token : 0;
}

/// Every rule that a whole block keeps by itself.
void audit_block(ReservationLedger& ledger, const std::uint64_t* block) {
  using namespace layout;
  std::int64_t held = 0;
  std::set<std::uint64_t> events;
  std::set<std::uint64_t> tokens;
  if ((block[kBlockLimits] & 0xffff) != ledger.slot_count()) broken("RES-2: more slots than there are");
  for (std::size_t index = 0; index < ledger.slot_count(); ++index) {
    const std::uint64_t* slot = ledger.slot_at(index);
    held += static_cast<std::int64_t>(slot[kSlotCapital]);
    if (!events.insert(slot[kSlotEvent]).second) broken("RES-3: an event holds two slots");
    if (!tokens.insert(slot[kSlotToken]).second) broken("RES-4: two slots have one token");
    if (slot[kSlotToken] >= block[kBlockNextToken]) broken("RES-4: a token comes from the future");
  }
  if (held > static_cast<std::int64_t>(block[kBlockCapital])) broken("RES-1: more is reserved than there is");
}

void read(Stage* stage, std::size_t thread) {
  note("read the ledger");
  audit_block(stage->ledger(thread), stage->ledger(thread).read());
}

Play race_for_one_event() {
  Play made = play("ledger: of two who reserve one event one wins, and a reader never sees half a change");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  auto wins = std::make_shared<unsigned>(0);
  made.scenario.reset = [=] {
    stage->reset();
    *wins = 0;
  };
  made.scenario.threads = {[=] { *wins += reserve(stage, 0, x, 60) != 0; }, [=] { *wins += reserve(stage, 1, x, 60) != 0; },
                           [=] { read(stage, 2); }};
  made.scenario.audit = [=] {
    if (*wins != 1) broken("RES-3: not exactly one reservation");
    read(stage, 2);
  };
  return made;
}

Play blocks_in_turn() {
  Play made = play("ledger: a reader is not misled when a participant writes its two blocks over and over");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  const std::uint64_t first = reserve(stage, 0, x, 90);
  made.scenario.threads = {
      [=] {
        // The second change goes into the block that a reader may have begun to copy.
        stage->ledger(0).release(first, false, 0);
        reserve(stage, 0, y, 80);
      },
      [=] {
        read(stage, 1);
        const std::uint64_t token = reserve(stage, 1, y, 20);
        if (token != 0) stage->ledger(1).release(token, false, 0);
      },
  };
  made.scenario.audit = [=] { read(stage, 2); };
  return made;
}

Play never_refused() {
  Play made = play("ledger: what fits before and after every change is not refused for a mixture of them", 3);
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  const std::uint64_t z = stage->prepare(kZ);
  const std::uint64_t first = reserve(stage, 0, x, 50);
  made.scenario.threads = {
      [=] {
        stage->ledger(0).release(first, false, 0);
        // Half of it old and half new would be 90 of 100.
        const ReservationLedger::Request both[2] = {{y, 10, 1'000}, {x, 40, 1'000}};
        std::uint64_t tokens[2];
        std::size_t refused = 0;
        if (stage->ledger(0).reserve(both, 2, 0, tokens, &refused) != Status::kOk) broken("a reservation was refused");
      },
      [=] {
        if (reserve(stage, 1, z, 50) == 0) broken("a reservation was refused");
      },
  };
  made.scenario.audit = [=] { read(stage, 2); };
  return made;
}

Play spent_for_good() {
  Play made = play("ledger: an event whose slot was submitted and settled is never reserved again");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t token = reserve(stage, 0, x, 50);
  if (stage->ledger(0).submit(token) != Status::kOk) std::abort();
  made.scenario.threads = {
      [=] { stage->ledger(0).release(token, true, 0); },
      [=] {
        if (reserve(stage, 1, x, 50) != 0) broken("RES-3: a spent event was reserved");
      },
      [=] {
        if (reserve(stage, 2, x, 50) != 0) broken("RES-3: a spent event was reserved");
      },
  };
  made.scenario.audit = [=] { read(stage, 2); };
  return made;
}

Play stale_tokens() {
  Play made = play("ledger: a lease that ends frees once, and its old token frees nothing after it");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t token = reserve(stage, 0, x, 50);
  auto taken = std::make_shared<int>(0);
  made.scenario.reset = [=] {
    stage->reset();
    *taken = 0;
  };
  made.scenario.threads = {
      [=] { *taken += stage->ledger(0).release(token, false, 7) == Status::kOk; },
      [=] { *taken += stage->ledger(1).recover(1'000, ReservationLedger::kNobody) == 1; },
      [=] {
        const std::uint64_t mine = reserve(stage, 2, x, 60);
        if (mine == token) broken("RES-4: a token was given twice");
        if (mine != 0 && stage->ledger(2).submit(mine) != Status::kOk) {
          // Only the end of the lease may have come between.
          note("lost the lease");
          ++*taken;
        }
      },
  };
  made.scenario.audit = [=] {
    if (*taken < 1) broken("RES-4: nobody freed the slot");
    read(stage, 2);
  };
  return made;
}

Play dies_committing() {
  Play made = play("death: a reservation cut short anywhere is whole or was never there, and its RESERVED slot is freed");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  made.scenario.mortal = 1;
  made.scenario.threads = {
      [=] {
        const std::uint64_t token = reserve(stage, 0, x, 60);
        if (token != 0) stage->ledger(0).release(token, false, 0);
      },
      [=] {
        const std::uint64_t token = reserve(stage, 1, y, 60);
        if (token != 0) stage->ledger(1).release(token, false, 0);
      },
      [=] {
        wait_for_end(0);
        stage->attachments[2]->free_participant(0);
        read(stage, 2);
      },
  };
  made.scenario.audit = [=] {
    read(stage, 2);
    if (stage->ledger(2).slot_count() != 0) broken("a dead participant keeps a RESERVED slot");
    stage->audit_table();
  };
  return made;
}

}  // namespace

std::vector<Play> ledger_plays() {
  return {race_for_one_event(), blocks_in_turn(), never_refused(), spent_for_good(), stale_tokens(), dies_committing()};
}

}  // namespace signalbox::model
