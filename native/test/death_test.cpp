/// Participants that die. First by forgetting to detach while others run; then whole processes, killed at any instruction.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <string>

#include "check.hpp"
#include "ledger_audit.hpp"

namespace signalbox::test {

namespace {

using Status = ReservationLedger::Status;

constexpr std::size_t kCapacity = 64;

void check_every_entry(Attachment& attachment) {
  std::vector<std::uint64_t> rows(kCapacity * 8);
  const std::size_t left = attachment.events().scan(EventTable::kAllTypes, rows.data(), kCapacity);
  CHECK(left == attachment.events().count_live());
  for (std::size_t row = 0; row < left; ++row) {
    CHECK(attachment.events().retire(rows[row * 8], attachment.participant()) == EventTable::Status::kOk);
  }
  CHECK(attachment.events().count_live() == 0);
  const std::uint64_t record[4] = {};
  for (std::size_t index = 0; index < kCapacity; ++index) {
    std::uint64_t handle = 0;
    CHECK(attachment.events().register_event(make_id("room " + std::to_string(index)), 0, 0, record, attachment.participant(),
                                             &handle) == EventTable::Status::kOk);
  }
}

std::uint64_t register_event(Attachment& attachment, const std::string& id) {
  const std::uint64_t record[4] = {};
  std::uint64_t handle = 0;
  const EventTable::Status status =
      attachment.events().register_event(make_id(id), 0, 0, record, attachment.participant(), &handle);
  CHECK(status == EventTable::Status::kOk || status == EventTable::Status::kFull);
  return status == EventTable::Status::kOk ? handle : 0;
}

/// Threads attach, take a claim, reserve, register, and are gone; another frees them while the rest goes on.
void forgets_to_detach(std::uint64_t seed) {
  RegionImage image({.participants = 6, .rings = {{4, 2}}, .capacity = kCapacity, .slots = 8});
  auto keeper = image.attach(1);
  keeper->ledger().set_limits(open_limits(1'000'000));
  std::atomic<std::uint64_t> submitted{0};
  std::atomic<std::uint64_t> tags{1};
  std::atomic<bool> is_over{false};
  run_threads(3, [&](std::size_t thread) {
    Random random(seed + thread);
    if (thread == 0) {
      // Its own work goes on beside all deaths, and nothing of it is lost.
      Deadline deadline;
      while (!deadline.is_over()) {
        const std::uint64_t handle = register_event(*keeper, "keeper");
        CHECK(handle != 0);
        const ReservationLedger::Request request{handle, 1, INT64_MAX};
        std::uint64_t token = 0;
        std::size_t refused = 0;
        if (keeper->ledger().reserve(&request, 1, 0, &token, &refused) == Status::kOk) {
          CHECK(keeper->ledger().release(token, false, 0) == Status::kOk);
        }
        CHECK(keeper->events().retire(handle, keeper->participant()) == EventTable::Status::kOk);
        audit_block(keeper->ledger().read(), 4, 8);
      }
      is_over.store(true);
      return;
    }
    auto freer = image.attach(tags.fetch_add(1) + 1);
    while (!is_over.load(std::memory_order_relaxed)) {
      auto mortal = std::make_unique<Attachment>();
      const std::uint64_t tag = tags.fetch_add(1) + 1;
      CHECK(Attachment::attach(image.bytes(), image.size(), tag, mortal.get()) == AttachStatus::kOk);
      const std::uint64_t dead = mortal->participant();
      const bool claims = mortal->ring(0).try_claim_writer(dead);
      const std::uint64_t payload[2] = {tag, tag};
      if (claims) mortal->ring(0).publish(payload);
      std::vector<std::uint64_t> handles;
      for (std::uint64_t count = random.below(6); count > 0; --count) {
        const std::uint64_t handle = register_event(*mortal, std::to_string(tag) + "_" + std::to_string(count));
        if (handle != 0) handles.push_back(handle);
      }
      bool is_submitted = false;
      if (!handles.empty()) {
        const ReservationLedger::Request request{handles[0], 10, INT64_MAX};
        std::uint64_t token = 0;
        std::size_t refused = 0;
        if (mortal->ledger().reserve(&request, 1, 0, &token, &refused) == Status::kOk) {
          is_submitted = submitted.load() < 3 && random.below(50) == 0;
          if (is_submitted) CHECK(mortal->ledger().submit(token) == Status::kOk);
        }
      }
      submitted.fetch_add(is_submitted ? 1 : 0);
      // It dies here: no detach.
      mortal.reset();
      CHECK(freer->owner_tag_of(dead) == tag);
      CHECK(freer->free_participant(dead));
      // A submitted one stays for reconciliation, so its participant may have passed on; a RESERVED one does not.
      for (const Position& position : audit_block(freer->ledger().read(), 4, 8)) {
        CHECK(position.event != (handles.empty() ? 0 : handles[0]) || is_submitted);
      }
      // What it registered is still there, for everybody.
      for (const std::uint64_t handle : handles) {
        CHECK(freer->events().retire(handle, freer->participant()) == EventTable::Status::kOk);
      }
    }
    freer->detach();
  });
  std::size_t kept = 0;
  for (const Position& position : positions_of(keeper->ledger().read(), 4)) {
    CHECK(position.state == layout::kSlotSubmitted);
    ++kept;
  }
  CHECK(kept == submitted.load());
  CHECK(keeper->ring(0).try_claim_writer(keeper->participant()));
  check_every_entry(*keeper);
}

// Whole processes.

constexpr std::size_t kChildren = 3;

/// What a child has acknowledged, where its death cannot take it away.
struct Journal {
  std::atomic<std::uint64_t> operations;
  /// The token that was SUBMITTED, and from when on it may have been released.
  std::atomic<std::uint64_t> submitted;
  std::atomic<std::uint64_t> releasing;
};

[[noreturn]] void live_until_killed(RegionImage& image, Journal& journal, std::uint64_t tag, std::uint64_t seed) {
  auto mine = image.attach(tag);
  Random random(seed);
  std::uint64_t number = 0;
  std::uint64_t out[16];
  for (;;) {
    journal.operations.fetch_add(1);
    if (mine->ring(0).try_claim_writer(mine->participant())) {
      for (std::uint64_t turn = 0; turn < 20; ++turn) {
        const SnapshotRing::ReadResult last = mine->ring(0).read(out, 0, 16);
        for (std::uint64_t& word : out) word = last.version + 1;
        CHECK(mine->ring(0).publish(out) == last.version + 1);
      }
      if (random.below(2) == 0) mine->ring(0).release_writer(mine->participant());
    }
    const SnapshotRing::ReadResult result = mine->ring(0).read(out, 0, 16);
    if (result.version != 0 && result.version != SnapshotRing::kOverrun) {
      for (const std::uint64_t word : out) CHECK(word == result.version);  // SNAP-1
    }
    const std::uint64_t handle = register_event(*mine, std::to_string(tag) + "_" + std::to_string(++number % 8));
    if (handle == 0) continue;
    const ReservationLedger::Request request{handle, 10, INT64_MAX};
    std::uint64_t token = 0;
    std::size_t refused = 0;
    if (mine->ledger().reserve(&request, 1, 0, &token, &refused) == Status::kOk) {
      if (random.below(2) == 0) {
        CHECK(mine->ledger().submit(token) == Status::kOk);
        journal.submitted.store(token);
        journal.releasing.store(token);
        CHECK(mine->ledger().release(token, true, 1) == Status::kOk);
      } else {
        CHECK(mine->ledger().release(token, false, 0) == Status::kOk);
      }
    }
    audit_block(mine->ledger().read(), 4, 8);
    // Events of the last life of this id were left by a killed child: whoever finds one retires it.
    CHECK(mine->events().retire(handle, mine->participant()) == EventTable::Status::kOk);
  }
}

void is_killed_at_any_instruction(std::uint64_t seed) {
  RegionImage image({.participants = 6, .rings = {{4, 16}}, .capacity = kCapacity, .buckets = 8, .slots = 8}, true);
  void* shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(shared != MAP_FAILED);
  auto* journals = static_cast<Journal*>(shared);
  auto parent = image.attach(1);
  parent->ledger().set_limits(open_limits(1'000'000));
  Random random(seed);
  struct Child {
    pid_t process;
    std::uint64_t tag;
  };
  Child children[kChildren] = {};
  std::uint64_t tags = 1;
  const auto spawn = [&](std::size_t place) {
    Child& child = children[place];
    child.tag = ++tags;
    journals[place].submitted.store(0);
    journals[place].releasing.store(0);
    std::fflush(nullptr);
    child.process = fork();
    CHECK(child.process >= 0);
    if (child.process == 0) live_until_killed(image, journals[place], child.tag, seed + child.tag);
  };
  std::uint64_t kills = 0;
  const auto bury = [&](std::size_t place) {
    const Child child = children[place];
    CHECK(kill(child.process, SIGKILL) == 0);
    int status = 0;
    CHECK(waitpid(child.process, &status, 0) == child.process);
    // It did not end by itself: no check of its own had failed.
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ++kills;
    std::uint64_t dead = image.shape().participants;
    for (std::uint64_t participant = 0; participant < image.shape().participants; ++participant) {
      if (parent->owner_tag_of(participant) == child.tag) dead = participant;
    }
    // Killed before it had attached: nothing to free.
    if (dead < image.shape().participants) CHECK(parent->free_participant(dead));
    bool is_there = false;
    for (const Position& position : audit_block(parent->ledger().read(), 4, 8)) {
      CHECK(position.owner != dead || position.state != layout::kSlotReserved);
      is_there = is_there || position.token == journals[place].submitted.load();
      // Reconciled with the venue: what a dead child had SUBMITTED is settled.
      if (position.owner == dead && position.state == layout::kSlotSubmitted) {
        CHECK(parent->ledger().release(position.token, true, 1) == Status::kOk);
      }
    }
    // What was acknowledged as SUBMITTED is there, unless its release had begun.
    const std::uint64_t token = journals[place].submitted.load();
    CHECK(token == 0 || is_there || journals[place].releasing.load() == token);
    // Its events stay, to be retired by others.
    for (std::uint64_t number = 0; number < 8; ++number) {
      std::uint64_t record[4];
      EventTable::EventView view{};
      const EventId id = make_id(std::to_string(child.tag) + "_" + std::to_string(number));
      if (parent->events().get_by_id(id, record, &view) == EventTable::Status::kOk) {
        CHECK(parent->events().retire(view.handle, parent->participant()) == EventTable::Status::kOk);
      }
    }
  };

  const auto end = std::chrono::steady_clock::now() + kStressTime * 2;
  for (std::size_t place = 0; place < kChildren; ++place) spawn(place);
  while (std::chrono::steady_clock::now() < end) {
    const std::size_t place = random.below(kChildren);
    // Somewhere within an operation, a random number of operations later.
    const std::uint64_t target = journals[place].operations.load() + random.below(60);
    while (journals[place].operations.load() < target) std::this_thread::yield();
    bury(place);
    spawn(place);
  }
  for (std::size_t place = 0; place < kChildren; ++place) bury(place);
  CHECK(kills > 5);
  CHECK(audit_block(parent->ledger().read(), 4, 8).empty());
  CHECK(parent->ring(0).try_claim_writer(parent->participant()));
  std::uint64_t out[16];
  const SnapshotRing::ReadResult last = parent->ring(0).read(out, 0, 16);
  CHECK(last.version != SnapshotRing::kOverrun);
  for (const std::uint64_t word : out) CHECK(last.version == 0 || word == last.version);
  check_every_entry(*parent);
  std::printf(" %llu kills", static_cast<unsigned long long>(kills));
  munmap(shared, 4096);
}

}  // namespace

const Suite kDeathSuite{
    "death",
    {
        {"death: threads that never detach are freed while others run, and nothing is lost", forgets_to_detach},
        {"death: processes killed at any instruction leave a region that goes on whole", is_killed_at_any_instruction},
    }};

}  // namespace signalbox::test
