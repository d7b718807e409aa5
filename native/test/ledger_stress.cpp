/// The reservation ledger under threads: every block that is read is audited, and what threads were granted adds up.
#include <atomic>
#include <barrier>
#include <string>
#include <vector>

#include "check.hpp"
#include "ledger_audit.hpp"

namespace signalbox::test {

namespace {

using Status = ReservationLedger::Status;

constexpr std::size_t kThreads = 3;
constexpr std::size_t kTypes = 4;
constexpr std::size_t kSlots = 8;
constexpr std::int64_t kCapital = 10'000;

struct Ground {
  Ground() : image({.capacity = 128, .types = kTypes, .slots = kSlots}) {
    for (std::size_t thread = 0; thread < kThreads; ++thread) attachments.push_back(image.attach());
  }

  ReservationLedger& ledger(std::size_t thread) { return attachments[thread]->ledger(); }
  std::vector<Position> audit(std::size_t thread) { return audit_block(ledger(thread).read(), kTypes, kSlots); }
  std::uint64_t event(std::size_t thread, std::uint64_t number, std::uint32_t type, std::uint32_t symbol) {
    const std::uint64_t words[4] = {number};
    std::uint64_t handle = 0;
    CHECK(attachments[thread]->events().register_event(make_id("event_" + std::to_string(number)), type, symbol, words,
                                                       attachments[thread]->participant(),
                                                       &handle) == EventTable::Status::kOk);
    return handle;
  }

  RegionImage image;
  std::vector<std::unique_ptr<Attachment>> attachments;
};

/// Limits of which every one is met now and then.
ReservationLedger::Limits tight_limits() {
  ReservationLedger::Limits limits = open_limits(kCapital);
  limits.max_open = kSlots / 2;
  limits.max_per_symbol = 2;
  limits.flags = layout::kFlagInterlock | layout::kFlagInterlockBySymbol | layout::kFlagPots;
  const std::uint64_t compatible[kTypes] = {0b0001, 0b0110, 0b1110, 0b1100};
  for (std::size_t type = 0; type < kTypes; ++type) limits.compatible[type] = compatible[type];
  const std::uint8_t pots[kTypes] = {1, 2, 2, 3};
  for (std::size_t type = 0; type < kTypes; ++type) limits.type_pots[type] = pots[type];
  limits.pot_shares[0] = 400'000;
  limits.pot_shares[1] = 300'000;
  limits.pot_shares[2] = 200'000;
  return limits;
}

/// A pool of events that everybody reserves from; who settles one puts a new one in its place.
void positions_come_and_go(std::uint64_t seed) {
  constexpr std::size_t kPool = 12;
  Ground ground;
  ground.ledger(0).set_limits(tight_limits());
  std::atomic<std::uint64_t> pool[kPool];
  std::atomic<std::uint64_t> submitted[kPool] = {};
  std::atomic<std::uint64_t> numbers{0};
  std::atomic<std::int64_t> now{0};
  std::atomic<std::int64_t> gained{0};
  std::atomic<std::uint64_t> counts[8] = {};
  for (auto& event : pool) {
    const std::uint64_t number = ++numbers;
    event = ground.event(0, number, static_cast<std::uint32_t>(number % kTypes), static_cast<std::uint32_t>(number % 3));
  }
  run_threads(kThreads, [&](std::size_t thread) {
    ReservationLedger& ledger = ground.ledger(thread);
    Random random(seed + thread);
    Deadline deadline;
    struct Own {
      std::uint64_t token;
      std::uint64_t event;
      std::size_t place;
      std::int64_t lease;
      std::uint64_t state;
    };
    std::vector<Own> own;
    std::uint64_t last_token = 0;
    while (!deadline.is_over()) {
      switch (random.below(8)) {
        case 0:
        case 1: {
          // One to three at once, sometimes the same twice.
          const std::size_t count = 1 + random.below(3);
          ReservationLedger::Request requests[3];
          std::size_t places[3];
          const std::int64_t lease = now.load() + static_cast<std::int64_t>(random.below(40));
          for (std::size_t index = 0; index < count; ++index) {
            places[index] = random.below(kPool);
            requests[index] = {pool[places[index]].load(), 1 + static_cast<std::int64_t>(random.below(2'500)), lease};
          }
          std::uint64_t tokens[3];
          std::size_t refused = 9;
          const Status status = ledger.reserve(requests, count, 0, tokens, &refused);
          counts[static_cast<std::size_t>(status)].fetch_add(1, std::memory_order_relaxed);
          if (status != Status::kOk) {
            CHECK(refused < count && status <= Status::kNoCapital);
            break;
          }
          for (std::size_t index = 0; index < count; ++index) {
            CHECK(tokens[index] > last_token);  // RES-4
            last_token = tokens[index];
            own.push_back({tokens[index], requests[index].handle, places[index], lease, layout::kSlotReserved});
          }
          break;
        }
        case 2:
        case 3:
        case 4: {
          if (own.empty()) break;
          const std::size_t at = random.below(own.size());
          Own& mine = own[at];
          Status status = Status::kOk;
          if (mine.state == layout::kSlotReserved) {
            status = ledger.submit(mine.token);
            if (status == Status::kStaleToken) {
              CHECK(now.load() >= mine.lease);
              own.erase(own.begin() + static_cast<std::ptrdiff_t>(at));
              break;
            }
            CHECK(submitted[mine.place].exchange(mine.event) != mine.event);  // RES-3
          } else if (mine.state == layout::kSlotSubmitted) {
            status = ledger.open(mine.token);
          } else if (mine.state == layout::kSlotOpen) {
            status = ledger.close(mine.token);
          } else {
            break;
          }
          CHECK(status == Status::kOk);
          ++mine.state;
          break;
        }
        case 5: {
          if (own.empty()) break;
          const std::size_t at = random.below(own.size());
          const Own mine = own[at];
          const bool is_settled = mine.state != layout::kSlotReserved;
          const std::int64_t change = is_settled ? static_cast<std::int64_t>(random.below(5)) : 0;
          const Status status = ledger.release(mine.token, is_settled, change);
          if (mine.state == layout::kSlotOpen) {
            CHECK(status == Status::kIllegalState);
            break;
          }
          own.erase(own.begin() + static_cast<std::ptrdiff_t>(at));
          if (!is_settled) {
            CHECK(status == Status::kOk || (status == Status::kStaleToken && now.load() >= mine.lease));
            break;
          }
          CHECK(status == Status::kOk);
          gained.fetch_add(change);
          CHECK(ledger.release(mine.token, true, 1'000) == Status::kStaleToken);
          // RES-3: spent. Nobody can have it any more; it makes room for a new one.
          std::uint64_t token = 0;
          std::size_t refused = 9;
          const ReservationLedger::Request again{mine.event, 1, 1'000'000'000};
          CHECK(ledger.reserve(&again, 1, 0, &token, &refused) == Status::kEventClaimed);
          const std::uint64_t number = numbers.fetch_add(1) + 1;
          pool[mine.place].store(ground.event(thread, number, static_cast<std::uint32_t>(random.below(kTypes)),
                                              static_cast<std::uint32_t>(random.below(3))));
          EventTable& events = ground.attachments[thread]->events();
          CHECK(events.retire(mine.event, ground.attachments[thread]->participant()) == EventTable::Status::kOk);
          break;
        }
        case 6: {
          if (random.below(4) != 0) break;
          ledger.recover(now.fetch_add(1) + 1, ReservationLedger::kNobody);
          break;
        }
        default: {
          const std::vector<Position> positions = ground.audit(thread);
          for (const Own& mine : own) {
            bool is_there = false;
            for (const Position& position : positions) {
              if (position.token != mine.token) continue;
              is_there = true;
              CHECK(position.event == mine.event && position.state == mine.state);
            }
            CHECK(is_there || (mine.state == layout::kSlotReserved && now.load() >= mine.lease));
          }
        }
      }
    }
    for (const Own& mine : own) {
      if (mine.state == layout::kSlotOpen) CHECK(ledger.close(mine.token) == Status::kOk);
      ledger.release(mine.token, mine.state != layout::kSlotReserved, 0);
    }
  });
  ground.ledger(0).recover(INT64_MAX, ReservationLedger::kNobody);
  CHECK(ground.audit(0).empty());
  CHECK(static_cast<std::int64_t>(ground.ledger(0).read()[layout::kBlockCapital]) == kCapital + gained.load());
  // Every refusal was met: the limits were not idle.
  for (std::size_t status = 0; status <= static_cast<std::size_t>(Status::kNoCapital); ++status) {
    CHECK(counts[status].load() > 0);
  }
}

/// All threads reserve the same event at once, round after round.
void one_winner(std::uint64_t) {
  Ground ground;
  ground.ledger(0).set_limits(open_limits(kCapital));
  std::atomic<std::uint64_t> event{0};
  std::atomic<std::uint64_t> wins{0};
  std::atomic<std::uint64_t> rounds{0};
  std::atomic<bool> is_over{false};
  std::barrier meeting(kThreads);
  run_threads(kThreads, [&](std::size_t thread) {
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      if (thread == 0) {
        event.store(ground.event(0, rounds.fetch_add(1) + 1, 0, 0));
        const auto time = std::chrono::steady_clock::now() - begin;
        // A machine that has other things to do gets longer for the least that is worth the name.
        is_over.store(time > kStressTime / 2 && (rounds.load() > 50 || time > std::chrono::seconds{30}));
      }
      meeting.arrive_and_wait();
      const bool is_last = is_over.load();
      const ReservationLedger::Request request{event.load(), 10, 1};
      std::uint64_t token = 0;
      std::size_t refused = 9;
      const Status status = ground.ledger(thread).reserve(&request, 1, 0, &token, &refused);
      CHECK(status == Status::kOk || status == Status::kEventClaimed);
      meeting.arrive_and_wait();
      if (status == Status::kOk) {
        wins.fetch_add(1);
        CHECK(ground.ledger(thread).submit(token) == Status::kOk);
        CHECK(ground.ledger(thread).release(token, true, 1) == Status::kOk);
        CHECK(ground.attachments[thread]->events().retire(request.handle, ground.attachments[thread]->participant()) ==
              EventTable::Status::kOk);
      }
      meeting.arrive_and_wait();
      if (is_last) break;
    }
  });
  CHECK(wins.load() == rounds.load());
  CHECK(rounds.load() > 50);
  CHECK(static_cast<std::uint64_t>(ground.ledger(0).read()[layout::kBlockCapital]) == kCapital + wins.load());
}

}  // namespace

const Suite kLedgerStressSuite{
    "ledger-stress",
    {
        {"ledger: limits, pots and interlocks hold in every block that anybody reads, and capital adds up",
         positions_come_and_go},
        {"ledger: of all who reserve one event at once exactly one wins", one_winner},
    }};

}  // namespace signalbox::test
