/// The snapshot ring under the explorer: a writer that laps its reader, and one that dies and is replaced.
#include <array>

#include "stage.hpp"

namespace signalbox::model {

namespace {

/// Both words of a snapshot are its number.
void publish(SnapshotRing& ring, std::uint64_t number) {
  const std::uint64_t payload[2] = {number, number};
  note("publish " + std::to_string(number));
  if (ring.publish(payload) != number) broken("SNAP-3: versions do not count up");
}

/// The version read, with SNAP-1 checked against `meaning(version, word)`.
std::uint64_t read(const SnapshotRing& ring) {
  std::uint64_t out[2] = {};
  note("read");
  const SnapshotRing::ReadResult result = ring.read(out, 0, 2);
  if (result.version == 0 || result.version == SnapshotRing::kOverrun) return 0;
  note("read version " + std::to_string(result.version));
  if (out[0] != out[1]) broken("SNAP-1: a read is torn");
  if (out[0] % 100 != result.version) broken("SNAP-1: a read gave another version's words");
  return result.version;
}

Play lapped_reader() {
  auto stage = std::make_shared<Stage>();
  Play made{stage, stage->scenario("ring: a reader that the writer laps gets a whole snapshot, and never an older one again")};
  SnapshotRing* rings[3];
  for (std::size_t thread = 0; thread < 3; ++thread) rings[thread] = &stage->attachments[thread]->ring(0);
  const std::uint64_t payload[2] = {1, 1};
  rings[0]->publish(payload);
  made.scenario.threads = {
      [=] {
        for (std::uint64_t number = 2; number <= 10; ++number) publish(*rings[0], number);
      },
      [=] {
        const std::uint64_t first = read(*rings[1]);
        const std::uint64_t second = read(*rings[1]);
        if (first == 0 || second < first) broken("SNAP-3: a version went back");
      },
  };
  return made;
}

Play replaced_writer() {
  auto stage = std::make_shared<Stage>();
  Play made{stage, stage->scenario("ring: what a dying writer left half done is never read, and its successor goes on after it")};
  SnapshotRing* rings[3];
  for (std::size_t thread = 0; thread < 3; ++thread) rings[thread] = &stage->attachments[thread]->ring(0);
  if (!rings[0]->try_claim_writer(stage->attachments[0]->participant())) std::abort();
  made.scenario.mortal = 1;
  made.scenario.threads = {
      [=] {
        for (std::uint64_t number = 1; number <= 4; ++number) publish(*rings[0], number);
      },
      [=] {
        if (rings[1]->try_claim_writer(stage->attachments[1]->participant())) broken("SNAP: two writers");
        wait_for_end(0);
        if (!stage->attachments[1]->free_participant(stage->attachments[0]->participant())) broken("nobody was freed");
        if (!rings[1]->try_claim_writer(stage->attachments[1]->participant())) broken("SNAP: the claim was lost");
        // The same versions may come again, if nobody could read them yet, with other words.
        for (std::uint64_t turn = 0; turn < 4; ++turn) {
          std::uint64_t out[2] = {};
          const SnapshotRing::ReadResult last = rings[1]->read(out, 0, 2);
          const std::uint64_t payload[2] = {last.version + 1 + 100, last.version + 1 + 100};
          if (rings[1]->publish(payload) != last.version + 1) broken("SNAP-3: a version was skipped");
        }
      },
      [=] {
        const std::uint64_t first = read(*rings[2]);
        if (read(*rings[2]) < first) broken("SNAP-3: a version went back");
      },
  };
  return made;
}

Play bystanders_claim() {
  auto stage = std::make_shared<Stage>();
  Play made{stage, stage->scenario("ring: whoever frees the dead takes no claim from the living")};
  SnapshotRing* rings[3];
  for (std::size_t thread = 0; thread < 3; ++thread) rings[thread] = &stage->attachments[thread]->ring(0);
  made.scenario.threads = {
      [=] { note("does nothing"); },
      [=] {
        if (!rings[1]->try_claim_writer(stage->attachments[1]->participant())) broken("SNAP: the claim was lost");
        if (rings[1]->publish(std::array<std::uint64_t, 2>{1, 1}.data()) != 1) broken("SNAP-3: versions do not count up");
      },
      [=] {
        wait_for_end(0);
        stage->attachments[2]->free_participant(stage->attachments[0]->participant());
        wait_for_end(1);
        if (rings[2]->try_claim_writer(stage->attachments[2]->participant())) broken("SNAP: two writers");
      },
  };
  return made;
}

}  // namespace

std::vector<Play> ring_plays() { return {lapped_reader(), replaced_writer(), bystanders_claim()}; }

}  // namespace signalbox::model
