/// The contract of the reservation ledger, one thread. Every step ends in the auditor's own reading of the whole block.
#include <array>
#include <string>

#include "check.hpp"
#include "ledger_audit.hpp"

namespace signalbox::test {

namespace {

using Status = ReservationLedger::Status;
using Limits = ReservationLedger::Limits;

struct Desk {
  explicit Desk(const Limits& limits, const Shape& shape = {})
      : image(shape), attachment(image.attach()), onlooker(image.attach()), strangers_ledger(onlooker->ledger()) {
    ledger().set_limits(limits);
  }

  ReservationLedger& ledger() { return attachment->ledger(); }
  EventTable& events() { return attachment->events(); }
  std::uint64_t event(std::uint32_t type, std::uint32_t symbol) {
    const std::uint64_t record[4] = {};
    std::uint64_t handle = 0;
    CHECK(events().register_event(make_id("event_" + std::to_string(++events_made)), type, symbol, record,
                                  attachment->participant(), &handle) == EventTable::Status::kOk);
    return handle;
  }
  Status reserve(std::uint64_t handle, std::int64_t capital, std::uint64_t* token, std::uint64_t idle_pots = 0,
                 std::int64_t lease = 1'000) {
    const ReservationLedger::Request request{handle, capital, lease};
    std::size_t refused = 9;
    const Status status = ledger().reserve(&request, 1, idle_pots, token, &refused);
    CHECK(status == Status::kOk || refused == 0);
    audit();
    return status;
  }
  /// What the ledger keeps of the block (A7) is what stands in the region, as somebody who never copied it before reads it.
  std::vector<Position> audit() {
    ReservationLedger stranger = strangers_ledger;
    const std::uint64_t* there = stranger.read();
    const std::uint64_t* kept = ledger().read();
    const std::size_t words = layout::block_slots_offset(image.shape().types) + stranger.slot_count() * layout::kSlotWords;
    CHECK(std::memcmp(kept, there, words * sizeof(std::uint64_t)) == 0);
    return audit_block(kept, image.shape().types, image.shape().slots);
  }
  std::int64_t capital() { return static_cast<std::int64_t>(ledger().read()[layout::kBlockCapital]); }

  RegionImage image;
  std::unique_ptr<Attachment> attachment;
  std::unique_ptr<Attachment> onlooker;
  /// As it was attached: it has copied nothing.
  ReservationLedger strangers_ledger;
  std::size_t events_made = 0;
};

void goes_through_its_states(std::uint64_t) {
  Desk desk(open_limits(1'000));
  std::uint64_t token = 0;
  const std::uint64_t handle = desk.event(1, 7);
  CHECK(desk.reserve(handle, 600, &token, 0, 77) == Status::kOk);
  std::vector<Position> positions = desk.audit();
  CHECK(positions.size() == 1 && positions[0].event == handle && positions[0].capital == 600 && positions[0].type == 1 &&
        positions[0].symbol == 7 && positions[0].lease == 77 && positions[0].state == layout::kSlotReserved &&
        positions[0].owner == desk.attachment->participant());
  CHECK(desk.ledger().open(token) == Status::kIllegalState);
  CHECK(desk.ledger().close(token) == Status::kIllegalState);
  CHECK(desk.ledger().submit(token) == Status::kOk);
  CHECK(desk.ledger().submit(token) == Status::kIllegalState);
  CHECK(desk.ledger().release(token, false, 0) == Status::kIllegalState);
  CHECK(desk.ledger().open(token) == Status::kOk);
  CHECK(desk.ledger().release(token, true, 0) == Status::kIllegalState);
  CHECK(desk.ledger().close(token) == Status::kOk);
  CHECK(desk.ledger().release(token, false, 0) == Status::kIllegalState);
  CHECK(desk.audit()[0].state == layout::kSlotClosing);
  CHECK(desk.ledger().release(token, true, -40) == Status::kOk);
  CHECK(desk.audit().empty() && desk.capital() == 960);
  CHECK(desk.ledger().release(token, true, 5) == Status::kStaleToken);
  CHECK(desk.ledger().submit(token) == Status::kStaleToken);
  CHECK(desk.capital() == 960);
  // RES-3: it was submitted.
  CHECK(desk.reserve(handle, 1, &token) == Status::kEventClaimed);
}

void releases_what_was_only_reserved(std::uint64_t) {
  Desk desk(open_limits(100));
  const std::uint64_t handle = desk.event(0, 0);
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  CHECK(desk.reserve(handle, 100, &first) == Status::kOk);
  CHECK(desk.reserve(handle, 100, &second) == Status::kEventClaimed);
  CHECK(desk.ledger().release(first, false, 0) == Status::kOk);
  // Never submitted: it may be reserved again, under a new token, and the old one frees nothing.
  CHECK(desk.reserve(handle, 100, &second) == Status::kOk);
  CHECK(second > first);
  CHECK(desk.ledger().release(first, false, 0) == Status::kStaleToken);
  CHECK(desk.audit().size() == 1);
  // Refused by the venue.
  CHECK(desk.ledger().submit(second) == Status::kOk);
  CHECK(desk.ledger().release(second, true, 0) == Status::kOk);
  CHECK(desk.reserve(handle, 1, &second) == Status::kEventClaimed);
}

void refuses_in_order(std::uint64_t) {
  Limits limits = open_limits(100);
  limits.max_open = 2;
  limits.max_per_symbol = 1;
  limits.flags = layout::kFlagInterlock;
  for (std::size_t type = 0; type < 4; ++type) limits.compatible[type] = 0b0111;
  limits.compatible[3] = 0b1000;
  Desk desk(limits);
  std::uint64_t token = 0;
  const std::uint64_t held = desk.event(0, 5);
  CHECK(desk.reserve(held, 60, &token) == Status::kOk);
  // One by one the reasons fall away: what is left is the next in order.
  const std::uint64_t foe = desk.event(3, 5);
  CHECK(desk.reserve(held, 1'000, &token) == Status::kEventClaimed);
  CHECK(desk.reserve(foe, 1'000, &token) == Status::kInterlocked);
  CHECK(desk.reserve(desk.event(1, 5), 1'000, &token) == Status::kSlotTaken);
  CHECK(desk.reserve(desk.event(1, 6), 1'000, &token) == Status::kNoCapital);
  CHECK(desk.reserve(desk.event(1, 6), 40, &token) == Status::kOk);
  CHECK(desk.reserve(desk.event(1, 7), 1'000, &token) == Status::kMaxPositions);
  std::uint32_t before = 0;
  CHECK(desk.events().transition(foe, 3, &before) == EventTable::Status::kOk);
  CHECK(desk.reserve(foe, 1, &token) == Status::kEventClaimed);
}

void interlocks_in_scope(std::uint64_t) {
  Limits limits = open_limits(100);
  for (std::size_t type = 0; type < 4; ++type) limits.compatible[type] = std::uint64_t{1} << type;
  std::uint64_t token = 0;
  for (const auto& [flags, other_symbol, same_symbol] :
       {std::tuple{std::uint64_t{0}, Status::kOk, Status::kOk},
        std::tuple{layout::kFlagInterlock, Status::kInterlocked, Status::kInterlocked},
        std::tuple{layout::kFlagInterlock | layout::kFlagInterlockBySymbol, Status::kOk, Status::kInterlocked}}) {
    limits.flags = flags;
    Desk desk(limits);
    CHECK(desk.reserve(desk.event(0, 1), 10, &token) == Status::kOk);
    CHECK(desk.reserve(desk.event(1, 1), 10, &token) == same_symbol);
    CHECK(desk.reserve(desk.event(2, 2), 10, &token) == other_symbol);
  }
}

void admits_a_set_or_nothing(std::uint64_t) {
  Limits limits = open_limits(100);
  limits.max_open = 3;
  Desk desk(limits);
  const std::array<std::uint64_t, 4> handles = {desk.event(0, 0), desk.event(1, 1), desk.event(2, 2), desk.event(3, 3)};
  std::array<std::uint64_t, 4> tokens{};
  std::size_t refused = 9;
  const auto reserve = [&](std::initializer_list<ReservationLedger::Request> requests) {
    const Status status = desk.ledger().reserve(requests.begin(), requests.size(), 0, tokens.data(), &refused);
    desk.audit();
    return status;
  };
  CHECK(reserve({{handles[0], 50, 9}, {handles[1], 51, 9}}) == Status::kNoCapital && refused == 1);
  CHECK(reserve({{handles[0], 10, 9}, {handles[1], 10, 9}, {handles[0], 10, 9}}) == Status::kEventClaimed && refused == 2);
  CHECK(reserve({{handles[0], 1, 9}, {handles[1], 1, 9}, {handles[2], 1, 9}, {handles[3], 1, 9}}) == Status::kMaxPositions &&
        refused == 3);
  CHECK(desk.audit().empty());
  CHECK(reserve({{handles[0], 50, 9}, {handles[1], 50, 9}}) == Status::kOk);
  CHECK(tokens[0] < tokens[1] && desk.audit().size() == 2);
  CHECK(reserve({{handles[2], 0, 9}, {handles[3], 0, 9}}) == Status::kMaxPositions && refused == 1);
}

void spends_pots(std::uint64_t) {
  Limits limits = open_limits(1'001);
  limits.flags = layout::kFlagPots;
  limits.type_pots[0] = 1;
  limits.type_pots[1] = 2;
  limits.type_pots[2] = 2;
  limits.pot_shares[0] = 700'000;
  limits.pot_shares[1] = 200'000;
  Desk desk(limits);
  std::uint64_t token = 0;
  std::uint64_t first = 0;
  // ⌊1001 × 0.7⌋ = 700, ⌊1001 × 0.2⌋ = 200; type 3 has no pot.
  CHECK(desk.reserve(desk.event(3, 0), 1, &token) == Status::kNoCapital);
  CHECK(desk.reserve(desk.event(0, 0), 701, &token) == Status::kNoCapital);
  CHECK(desk.reserve(desk.event(0, 0), 700, &first) == Status::kOk);
  CHECK(desk.reserve(desk.event(1, 1), 150, &token) == Status::kOk);
  CHECK(desk.reserve(desk.event(2, 1), 51, &token) == Status::kNoCapital);
  CHECK(desk.reserve(desk.event(2, 1), 50, &token) == Status::kOk);
  CHECK(desk.ledger().release(first, false, 0) == Status::kOk);

  // Pot 1 lends what it has while it is idle, each unit once, and nothing otherwise.
  const ReservationLedger::Request both[2] = {{desk.event(1, 2), 400, 9}, {desk.event(2, 3), 301, 9}};
  std::uint64_t tokens[2];
  std::size_t refused = 9;
  CHECK(desk.ledger().reserve(both, 1, 0, tokens, &refused) == Status::kNoCapital);
  CHECK(desk.ledger().reserve(both, 2, 0b01, tokens, &refused) == Status::kNoCapital && refused == 1);
  CHECK(desk.ledger().reserve(both, 1, 0b01, tokens, &refused) == Status::kOk);
}

void ends_leases(std::uint64_t) {
  Desk desk(open_limits(100));
  auto other = desk.image.attach();
  std::uint64_t tokens[4];
  for (std::size_t index = 0; index < 3; ++index) {
    CHECK(desk.reserve(desk.event(0, 0), 10, &tokens[index], 0, 100 + static_cast<std::int64_t>(index)) == Status::kOk);
  }
  CHECK(desk.ledger().submit(tokens[1]) == Status::kOk);
  CHECK(other->ledger().recover(99, ReservationLedger::kNobody) == 0);
  CHECK(other->ledger().recover(100, ReservationLedger::kNobody) == 1);
  CHECK(desk.ledger().submit(tokens[0]) == Status::kStaleToken);
  CHECK(other->ledger().recover(1'000, ReservationLedger::kNobody) == 1);
  // What was submitted never expires.
  CHECK(desk.audit().size() == 1 && desk.audit()[0].token == tokens[1]);
  // A dead participant's RESERVED slots end at once, whatever their lease; others' do not.
  CHECK(desk.reserve(desk.event(0, 0), 10, &tokens[2]) == Status::kOk);
  const ReservationLedger::Request request{desk.event(1, 1), 10, 1'000};
  std::size_t refused = 9;
  CHECK(other->ledger().reserve(&request, 1, 0, &tokens[3], &refused) == Status::kOk);
  CHECK(other->free_participant(desk.attachment->participant()));
  const std::vector<Position> left = audit_block(other->ledger().read(), 4, 8);
  CHECK(left.size() == 2 && left[0].token == tokens[1] && left[1].token == tokens[3]);
}

void keeps_positions_above_lowered_limits(std::uint64_t) {
  Desk desk(open_limits(100));
  std::uint64_t token = 0;
  CHECK(desk.reserve(desk.event(0, 0), 90, &token) == Status::kOk);
  desk.ledger().set_limits(open_limits(50));
  CHECK(positions_of(desk.ledger().read(), 4).size() == 1);
  const ReservationLedger::Request request{desk.event(0, 0), 1, 9};
  std::size_t refused = 9;
  std::uint64_t another = 0;
  CHECK(desk.ledger().reserve(&request, 1, 0, &another, &refused) == Status::kNoCapital);
  CHECK(desk.ledger().release(token, false, 0) == Status::kOk);
  CHECK(desk.ledger().reserve(&request, 1, 0, &another, &refused) == Status::kOk && another == token + 1);
}

void fills_every_slot(std::uint64_t) {
  Desk desk(open_limits(1'000'000), {.capacity = 512, .slots = 256});
  std::vector<std::uint64_t> tokens(256);
  for (std::uint64_t& token : tokens) CHECK(desk.reserve(desk.event(0, 0), 1, &token) == Status::kOk);
  std::uint64_t token = 0;
  CHECK(desk.reserve(desk.event(0, 1), 1, &token) == Status::kMaxPositions);
  for (std::size_t index = 0; index < 256; index += 2) CHECK(desk.ledger().release(tokens[index], false, 1) == Status::kOk);
  const std::vector<Position> left = desk.audit();
  CHECK(left.size() == 128 && desk.capital() == 1'000'128);
  // The order of admission stays.
  for (std::size_t index = 0; index < 128; ++index) CHECK(left[index].token == tokens[2 * index + 1]);
}

void keeps_the_capital_an_amount(std::uint64_t) {
  Desk desk(open_limits(kMinorMax));
  std::uint64_t token = 0;
  const std::uint64_t event = desk.event(0, 0);
  CHECK(desk.reserve(event, 5, &token) == Status::kOk);
  CHECK(desk.ledger().release(token, false, 1) == Status::kCapitalRange);
  CHECK(desk.ledger().submit(token) == Status::kOk);
  for (const std::int64_t change : {std::int64_t{1}, kMinorMax, INT64_MAX, -2 * kMinorMax - 1, INT64_MIN}) {
    const std::uint64_t root = desk.image.words()[desk.image.ledger_at()];
    CHECK(desk.ledger().release(token, true, change) == Status::kCapitalRange);
    CHECK(desk.image.words()[desk.image.ledger_at()] == root && desk.audit().size() == 1 && desk.capital() == kMinorMax);
  }
  // What is wrong with the token or its state comes first.
  CHECK(desk.ledger().release(token, false, 1) == Status::kIllegalState);
  CHECK(desk.ledger().release(token + 1, true, 1) == Status::kStaleToken);
  CHECK(desk.ledger().release(token, true, -2 * kMinorMax) == Status::kOk);
  CHECK(desk.capital() == -kMinorMax && desk.ledger().slot_count() == 0);
}

}  // namespace

const Suite kLedgerSuite{
    "ledger",
    {
        {"ledger: a reservation takes its steps in order and no other, and settles its profit once", goes_through_its_states},
        {"ledger: a release of what was only reserved leaves the event free for another, under a new token",
         releases_what_was_only_reserved},
        {"ledger: of several refusals the first in order is given", refuses_in_order},
        {"ledger: incompatible types exclude each other in the interlock's scope", interlocks_in_scope},
        {"ledger: a set is admitted whole or not at all, and the request that fails is named", admits_a_set_or_nothing},
        {"ledger: a pot spends its own budget, then what idle pots lend, each unit once", spends_pots},
        {"ledger: leases end RESERVED slots and nothing later; a death ends them at once", ends_leases},
        {"ledger: positions above lowered limits stay and only refuse further ones", keeps_positions_above_lowered_limits},
        {"ledger: a release that would take the capital beyond 2^53 is refused, and nothing changes", keeps_the_capital_an_amount},
        {"ledger: 256 slots fill and free in any order, the rest keeps its own", fills_every_slot},
    }};

}  // namespace signalbox::test
