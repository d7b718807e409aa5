/// The contract of attaching to a region, and of the snapshot ring. One thread.
#include "check.hpp"
#include "region_image.hpp"

namespace signalbox::test {

namespace {

void reads_what_was_published(std::uint64_t) {
  RegionImage image({.rings = {{4, 5}, {8, 1000}}});
  auto attachment = image.attach();
  SnapshotRing& ring = attachment->ring(1);
  CHECK(ring.payload_words() == 1000);
  std::vector<std::uint64_t> out(1000, 7);
  CHECK(ring.read(out.data(), 0, 1000).version == 0);
  std::vector<std::uint64_t> payload(1000);
  for (std::uint64_t version = 1; version <= 40; ++version) {
    for (std::size_t word = 0; word < 1000; ++word) payload[word] = version << 32 | word;
    CHECK(ring.publish(payload.data()) == version);
    const SnapshotRing::ReadResult result = ring.read(out.data(), 0, 1000);
    CHECK(result.version == version && result.attempts == 1);
    CHECK(out == payload);
  }
  // The other ring was not touched.
  CHECK(attachment->ring(0).read(out.data(), 0, 5).version == 0);
}

void reads_a_part(std::uint64_t) {
  RegionImage image({.rings = {{4, 16}}});
  auto attachment = image.attach();
  SnapshotRing& ring = attachment->ring(0);
  std::uint64_t payload[16];
  for (std::uint64_t word = 0; word < 16; ++word) payload[word] = 100 + word;
  ring.publish(payload);
  std::uint64_t out[4] = {1, 2, 3, 4};
  CHECK(ring.read(out + 1, 13, 2).version == 1);
  CHECK(out[0] == 1 && out[1] == 113 && out[2] == 114 && out[3] == 4);
}

void has_one_writer(std::uint64_t) {
  RegionImage image;
  auto first = image.attach();
  auto second = image.attach();
  CHECK(first->ring(0).try_claim_writer(first->participant()));
  CHECK(!second->ring(0).try_claim_writer(second->participant()));
  CHECK(!first->ring(0).try_claim_writer(first->participant()));
  // A stranger's release does nothing.
  second->ring(0).release_writer(second->participant());
  CHECK(!second->ring(0).try_claim_writer(second->participant()));
  first->ring(0).release_writer(first->participant());
  CHECK(second->ring(0).try_claim_writer(second->participant()));
  second->detach();
  CHECK(first->ring(0).try_claim_writer(first->participant()));
}

void goes_on_after_a_dead_writer(std::uint64_t) {
  using namespace layout;
  RegionImage image({.rings = {{4, 2}}});
  auto attachment = image.attach();
  SnapshotRing& ring = attachment->ring(0);
  std::uint64_t payload[2] = {1, 1};
  for (std::uint64_t version = 1; version <= 6; ++version) {
    payload[0] = payload[1] = version;
    ring.publish(payload);
  }
  // A writer that died within version 7: its slot is odd and half written. And one that died just before `latest`.
  const std::uint64_t ring_at = image.words()[kHeaderRings];
  std::uint64_t* slot = image.words() + ring_at + kRingSlots + (7 % 4) * ring_slot_words(2);
  for (const std::uint64_t sequence : {2 * 7 - 1, 2 * 7}) {
    slot[kSlotSequence] = sequence;
    slot[kSlotPayload] = 0xdead;
    std::uint64_t out[2];
    CHECK(ring.read(out, 0, 2).version == 6);
    CHECK(out[0] == 6 && out[1] == 6);
  }
  payload[0] = payload[1] = 77;
  CHECK(ring.publish(payload) == 7);
  std::uint64_t out[2];
  CHECK(ring.read(out, 0, 2).version == 7);
  CHECK(out[0] == 77 && out[1] == 77);
}

void gives_up_on_a_slot_that_stays_odd(std::uint64_t) {
  using namespace layout;
  RegionImage image({.rings = {{4, 2}}});
  auto attachment = image.attach();
  const std::uint64_t payload[2] = {1, 1};
  attachment->ring(0).publish(payload);
  std::uint64_t* slot = image.words() + image.words()[kHeaderRings] + kRingSlots + ring_slot_words(2);
  slot[kSlotSequence] = 9;
  std::uint64_t out[2];
  const SnapshotRing::ReadResult result = attachment->ring(0).read(out, 0, 2);
  CHECK(result.version == SnapshotRing::kOverrun && result.attempts == SnapshotRing::kReadAttemptsMax);
}

void refuses_foreign_bytes(std::uint64_t) {
  using namespace layout;
  const auto status_after = [](std::size_t word, std::uint64_t value) {
    RegionImage image;
    image.set(word, value);
    Attachment attachment;
    return Attachment::attach(image.bytes(), image.size(), 1, &attachment);
  };
  CHECK(status_after(kHeaderMagic, 1) == AttachStatus::kForeign);
  CHECK(status_after(kHeaderVersion, 0) == AttachStatus::kVersion);
  CHECK(status_after(kHeaderVersion, kVersion + 1) == AttachStatus::kVersion);
  CHECK(status_after(kHeaderTotalBytes, std::uint64_t{1} << 40) == AttachStatus::kTooSmall);
  // A header that lies about any size or place leads to no address outside the bytes: it is refused.
  for (const std::size_t word : {kHeaderParticipantsMax, kHeaderParticipantsOffset, kHeaderRingCount, kHeaderEventsOffset,
                                 kHeaderEventCapacity, kHeaderBucketCount, kHeaderRecordWords, kHeaderTypeCount,
                                 kHeaderLedgerOffset, kHeaderSlotsMax, kHeaderHistogramsOffset, kHeaderHistogramCount,
                                 kHeaderRings, kHeaderRings + 1, kHeaderRings + 2}) {
    for (const std::uint64_t value : {std::uint64_t{0x7fff'ffff'ffff'fff8}, ~std::uint64_t{0}, std::uint64_t{1} << 20}) {
      CHECK(status_after(word, value) == AttachStatus::kGeometry);
    }
  }
  for (const std::size_t word : {kHeaderEventCapacity, kHeaderBucketCount, kHeaderRecordWords, kHeaderTypeCount,
                                 kHeaderSlotsMax, kHeaderParticipantsMax, kHeaderRings + 1, kHeaderRings + 2}) {
    CHECK(status_after(word, 0) == AttachStatus::kGeometry);
  }
  // Histograms: as many as there may be, and not one more than fits behind its place.
  RegionImage full({.histograms = kHistogramsMax});
  Attachment of_full;
  CHECK(Attachment::attach(full.bytes(), full.size(), 1, &of_full) == AttachStatus::kOk);
  for (const std::uint64_t further : {kLineWords, std::size_t{1}}) {
    RegionImage shifted({.histograms = 2});
    shifted.set(kHeaderHistogramsOffset, shifted.words()[kHeaderHistogramsOffset] + further);
    CHECK(Attachment::attach(shifted.bytes(), shifted.size(), 1, &of_full) == AttachStatus::kGeometry);
  }
  RegionImage image;
  Attachment attachment;
  CHECK(Attachment::attach(image.bytes(), image.size() - 8, 1, &attachment) == AttachStatus::kTooSmall);
  CHECK(Attachment::attach(image.bytes(), 64, 1, &attachment) == AttachStatus::kTooSmall);
}

void attaches_as_many_as_there_are(std::uint64_t) {
  RegionImage image({.participants = 3});
  auto first = image.attach(11);
  auto second = image.attach(12);
  auto third = image.attach(13);
  CHECK(first->participant() == 0 && second->participant() == 1 && third->participant() == 2);
  Attachment one_more;
  CHECK(Attachment::attach(image.bytes(), image.size(), 14, &one_more) == AttachStatus::kParticipants);
  CHECK(first->owner_tag_of(1) == 12);
  CHECK(!first->free_participant(0));
  CHECK(!first->free_participant(3));
  CHECK(!first->free_participant(~std::uint64_t{0}));
  CHECK(first->free_participant(1));
  CHECK(!first->free_participant(1));
  CHECK(image.attach(15)->participant() == 1);
  third->detach();
  CHECK(!first->free_participant(2));
  CHECK(image.attach(16)->participant() == 2);
}

/// As a freer leaves it that was killed at once: only the owner word says who was at it.
void finishes_what_a_dead_freer_left(std::uint64_t) {
  using namespace layout;
  RegionImage image({.participants = 5});
  auto living = image.attach(11);
  auto first = image.attach(12);
  auto second = image.attach(13);
  auto third = image.attach(14);
  CHECK(third->ring(0).try_claim_writer(third->participant()));
  const auto freeing = [&](std::uint64_t dead, std::uint64_t freer, std::uint64_t tag) {
    image.set(kHeaderWords + dead * kParticipantWords + kParticipantOwner,
              std::uint64_t{1} << kParticipantFreeingShift | freer << kParticipantFreerShift | tag);
  };
  // The first was freeing the second, which was freeing the third, when each died.
  freeing(3, 2, 14);
  freeing(2, 1, 13);
  // Who is being freed is nobody's to free, under whatever tag.
  CHECK(!living->free_participant(3, 14));
  CHECK(!living->free_participant(3));
  CHECK(!living->ring(0).try_claim_writer(living->participant()));
  CHECK(living->free_participant(1, 12));
  for (const std::uint64_t freed : {1, 2, 3}) CHECK(living->owner_tag_of(freed) == 0);
  CHECK(living->ring(0).try_claim_writer(living->participant()));
  CHECK(image.attach(15)->participant() == 1);
}

void lists_its_layout(std::uint64_t) {
  const std::vector<LayoutConstant>& table = layout_table();
  CHECK(table.size() > 70);
  for (std::size_t one = 0; one < table.size(); ++one) {
    for (std::size_t other = 0; other < one; ++other) CHECK(std::string_view(table[one].name) != table[other].name);
  }
}

}  // namespace

const Suite kRegionSuite{
    "region",
    {
        {"region: bytes whose header is foreign, of another version or contradicts itself are refused", refuses_foreign_bytes},
        {"region: a participant is free again after detach and after its death was confirmed", attaches_as_many_as_there_are},
        {"region: whoever frees a dead freer finishes what it left half freed", finishes_what_a_dead_freer_left},
        {"region: the layout table names every constant once", lists_its_layout},
        {"ring: a read returns the words of the last publish", reads_what_was_published},
        {"ring: a part is read without its neighbours", reads_a_part},
        {"ring: a second writer is refused until the first gives its claim back", has_one_writer},
        {"ring: what a dead writer left half done is never read, and the next publish takes its version",
         goes_on_after_a_dead_writer},
        {"ring: a read gives up after its attempts and says so", gives_up_on_a_slot_that_stays_odd},
    }};

}  // namespace signalbox::test
