/// Tokens, leases and copies of the ledger under the explorer: what a stale token may do, what a refused set leaves, and what is said
/// of a copy that is half of one block and half of another.
#include "stage.hpp"

namespace signalbox::model {

namespace {

using Status = ReservationLedger::Status;

constexpr std::int64_t kCapital = 100;
constexpr std::int64_t kLeaseNs = 1'000;
constexpr std::int64_t kLongLeaseNs = 2'000;
constexpr std::uint64_t kX = 2;
constexpr std::uint64_t kY = 4;
constexpr std::uint64_t kZ = 6;

Play play(const char* title) {
  auto stage = std::make_shared<Stage>(3);
  stage->ledger(0).set_limits(test::open_limits(kCapital));
  return {stage, stage->scenario(title)};
}

std::uint64_t reserve(Stage* stage, std::size_t thread, std::uint64_t handle, std::int64_t lease_ns = kLeaseNs) {
  const ReservationLedger::Request request{handle, 10, lease_ns};
  std::uint64_t token = 0;
  std::size_t refused = 0;
  note("reserve");
  return stage->ledger(thread).reserve(&request, 1, 0, &token, &refused) == Status::kOk ? token : 0;
}

void expect(bool holds, const char* what) {
  if (!holds) broken(what);
}

Play steps_of_a_token() {
  Play made = play("token: a stale one frees nothing, no step is made twice, and only a RESERVED slot expires");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {[=] {
    ReservationLedger& ledger = stage->ledger(0);
    const std::uint64_t stale = reserve(stage, 0, x);
    expect(ledger.recover(kLeaseNs - 1, stage->attachments[1]->participant()) == 0, "RES-4: a slot was freed that nobody lost");
    expect(reserve(stage, 0, x) == 0, "RES-3: an event holds two slots");
    expect(ledger.recover(kLeaseNs, ReservationLedger::kNobody) == 1, "ERRATA E4: a lease that is over was kept");
    const std::uint64_t token = reserve(stage, 0, x);
    expect(token > stale, "RES-4: a token came twice");
    expect(ledger.release(stale, false, 0) == Status::kStaleToken, "RES-4: a stale token freed a slot");
    expect(ledger.submit(stale) == Status::kStaleToken, "RES-4: a stale token submitted");
    expect(ledger.submit(token) == Status::kOk, "RES: a step was refused");
    expect(ledger.submit(token) == Status::kIllegalState, "RES: an order left twice");
    expect(ledger.release(token, false, 0) == Status::kIllegalState, "RES: an order that is out lost its slot");
    expect(ledger.recover(kLeaseNs, 0) == 0, "ERRATA E5: a SUBMITTED slot expired");
    expect(ledger.open(token) == Status::kOk, "RES: a step was refused");
    expect(ledger.release(token, true, 0) == Status::kIllegalState, "RES: an open position lost its slot");
    expect(ledger.close(token) == Status::kOk, "RES: a step was refused");
    expect(ledger.release(token, true, 0) == Status::kOk, "RES: a closed position kept its slot");
    expect(reserve(stage, 0, x) == 0, "RES-3: a spent event was reserved");
  }};
  return made;
}

Play refused_set() {
  Play made = play("token: a set that is refused leaves nothing of itself, also in its participant's own copy");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  made.scenario.threads = {[=] {
    const ReservationLedger::Request both[2] = {{x, 60, kLeaseNs}, {y, 60, kLeaseNs}};
    std::uint64_t tokens[2];
    std::size_t refused = 0;
    const Status status = stage->ledger(0).reserve(both, 2, 0, tokens, &refused);
    expect(status == Status::kNoCapital, "RES-1: more is reserved than there is");
    expect((stage->ledger(0).read()[layout::kBlockLimits] & 0xffff) == 0, "RES: half of a refused set was admitted");
  }};
  return made;
}

/// Slots: thread 1's, then thread 0's, whose token is given back; the root names a block of thread 1's.
std::uint64_t prepare_two(Stage* stage) {
  reserve(stage, 1, stage->prepare(kX), kLongLeaseNs);
  const std::uint64_t token = reserve(stage, 0, stage->prepare(kY));
  stage->ledger(1).set_limits(test::open_limits(kCapital));
  return token;
}

/// Thread 1 writes its block anew while thread 0 asks: the slot of the token moves from the second place to the first, and its old
/// place is another's.
Play asked_while_it_moves(const char* title, void (*ask)(ReservationLedger& ledger, std::uint64_t token)) {
  Play made = play(title);
  Stage* stage = made.stage.get();
  const std::uint64_t token = prepare_two(stage);
  const std::uint64_t first = token - 1;
  const std::uint64_t z = stage->prepare(kZ);
  made.scenario.threads = {
      [=] { ask(stage->ledger(0), token); },
      [=] {
        expect(stage->ledger(1).release(first, false, 0) == Status::kOk, "RES-4: a slot was lost");
        expect(reserve(stage, 1, z, kLongLeaseNs) != 0, "RES: what fits was refused");
      },
  };
  return made;
}

Play submitted_while_it_moves() {
  return asked_while_it_moves("token: one that stands is submitted while its slot moves", [](auto& ledger, auto token) {
    expect(ledger.submit(token) == Status::kOk, "RES-4: a token that stands was called stale");
  });
}

Play released_while_it_moves() {
  return asked_while_it_moves("token: one that stands is released while its slot moves", [](auto& ledger, auto token) {
    expect(ledger.release(token, false, 0) == Status::kOk, "RES-4: a token that stands was called stale");
  });
}

Play expired_while_it_moves() {
  return asked_while_it_moves("token: a lease that is over is ended while its slot moves", [](auto& ledger, auto) {
    expect(ledger.recover(kLeaseNs, ReservationLedger::kNobody) == 1, "ERRATA E4: a lease that is over was kept");
  });
}

/// The slot behind that of the token comes to its place: SUBMITTED, as that of the token never was.
Play replaced_while_asked() {
  Play made = play("token: one that was RESERVED to its end is never told the state of the slot behind it");
  Stage* stage = made.stage.get();
  const std::uint64_t token = reserve(stage, 0, stage->prepare(kX));
  const std::uint64_t behind = reserve(stage, 1, stage->prepare(kY));
  if (stage->ledger(1).submit(behind) != Status::kOk) std::abort();
  const std::uint64_t z = stage->prepare(kZ);
  made.scenario.threads = {
      [=] {
        const Status status = stage->ledger(0).release(token, false, 0);
        expect(status == Status::kOk || status == Status::kStaleToken, "RES: a reservation was told that its order is out");
      },
      [=] {
        stage->ledger(1).release(token, false, 0);
        reserve(stage, 1, z);
      },
  };
  return made;
}

Play settled_twice() {
  Play made = play("token: who settles what another settles at once spends no event but its own");
  Stage* stage = made.stage.get();
  const std::uint64_t token = reserve(stage, 0, stage->prepare(kX));
  if (stage->ledger(1).submit(token) != Status::kOk) std::abort();
  const std::uint64_t y = stage->prepare(kY);
  made.scenario.threads = {
      [=] { stage->ledger(0).release(token, true, 0); },
      [=] {
        stage->ledger(1).release(token, true, 0);
        reserve(stage, 1, y);
      },
  };
  made.scenario.audit = [=] {
    std::uint64_t record[kStageRecordWords] = {};
    EventTable::EventView view{};
    const bool is_there = stage->events(2).get(y, record, &view) == EventTable::Status::kOk;
    expect(is_there && !view.spent, "RES-3: an event that was never submitted is spent");
  };
  return made;
}

Play dies_submitting() {
  Play made = play("death: an event whose submitter died is not reserved again, also when its position is settled");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t token = reserve(stage, 0, x);
  auto is_out = std::make_shared<bool>(false);
  auto is_reserved = std::make_shared<bool>(false);
  made.scenario.mortal = 1;
  made.scenario.reset = [=] {
    stage->reset();
    *is_out = *is_reserved = false;
  };
  made.scenario.threads = {
      [=] { stage->ledger(0).submit(token); },
      [=] {
        wait_for_end(0);
        const std::uint64_t* block = stage->ledger(1).read();
        if ((block[layout::kBlockLimits] & 0xffff) != 1) return;
        *is_out = LedgerBlock::state_of(stage->ledger(1).slot_at(0)) == layout::kSlotSubmitted;
        stage->ledger(1).release(token, true, 0);
      },
      [=] {
        wait_for_end(0);
        *is_reserved = reserve(stage, 2, x) != 0;
      },
  };
  made.scenario.audit = [=] {
    expect(!*is_out || !(*is_reserved || reserve(stage, 2, x) != 0), "RES-3: a spent event was reserved");
    stage->audit_table();
  };
  return made;
}

}  // namespace

std::vector<Play> token_plays() {
  return {steps_of_a_token(),        refused_set(),          submitted_while_it_moves(), released_while_it_moves(),
          expired_while_it_moves(),  replaced_while_asked(), settled_twice(),            dies_submitting()};
}

}  // namespace signalbox::model
