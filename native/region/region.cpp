#include "region.hpp"

namespace signalbox {

namespace {

bool is_power_of_two(std::uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

/// True if `words` words fit behind word offset `offset` of `total` words, on a line.
bool fits(std::uint64_t offset, std::uint64_t words, std::uint64_t total) {
  return offset % kLineWords == 0 && offset <= total && words <= total - offset;
}

/// The tag in an owner word, whether its participant is being freed or not.
std::uint64_t tag_of(std::uint64_t owner) {
  return owner & ((std::uint64_t{1} << layout::kParticipantFreerShift) - 1);
}

/// The owner word of a participant of `tag` that participant `freer` is taking apart.
std::uint64_t freeing_by(std::uint64_t freer, std::uint64_t tag) {
  return std::uint64_t{1} << layout::kParticipantFreeingShift | freer << layout::kParticipantFreerShift | tag;
}

}  // namespace

AttachStatus Attachment::attach(void* bytes, std::size_t size, std::uint64_t owner_tag, Attachment* out) {
  using namespace layout;
  if (size < kHeaderWords * 8 || reinterpret_cast<std::uintptr_t>(bytes) % 8 != 0) return AttachStatus::kTooSmall;
  Word* words = static_cast<Word*>(bytes);
  // Acquire: pairs with the creator's release of the version, which it writes last.
  const std::uint64_t version = words[kHeaderVersion].load(std::memory_order_acquire);
  if (words[kHeaderMagic].load(std::memory_order_relaxed) != kMagic) return AttachStatus::kForeign;
  if (version != kVersion) return AttachStatus::kVersion;
  // Each word is read once, for the check and for the use alike: whoever writes into the header meanwhile cannot come in between.
  const auto header = [words](std::size_t index) { return words[index].load(std::memory_order_relaxed); };
  const std::uint64_t total = size / 8;
  if (header(kHeaderTotalBytes) > size) return AttachStatus::kTooSmall;

  const std::uint64_t participants = header(kHeaderParticipantsMax);
  const std::uint64_t rings = header(kHeaderRingCount);
  const std::uint64_t capacity = header(kHeaderEventCapacity);
  const std::uint64_t buckets = header(kHeaderBucketCount);
  const std::uint64_t record_words = header(kHeaderRecordWords);
  const std::uint64_t types = header(kHeaderTypeCount);
  const std::uint64_t slots = header(kHeaderSlotsMax);
  if (participants < 1 || participants > kParticipantsMax || rings > kRingsMax) return AttachStatus::kGeometry;
  if (capacity < kEventCapacityMin || capacity > kEventCapacityMax || !is_power_of_two(capacity)) {
    return AttachStatus::kGeometry;
  }
  if (!is_power_of_two(buckets) || buckets < kLineWords || buckets > 4 * kEventCapacityMax) return AttachStatus::kGeometry;
  if (record_words < 1 || record_words > kRecordWordsMax || types < 1 || types > kTypesMax) return AttachStatus::kGeometry;
  if (slots < kSlotsMaxMin || slots > kSlotsMaxMax) return AttachStatus::kGeometry;
  const std::uint64_t histograms = header(kHeaderHistogramCount);
  if (histograms > kHistogramsMax) return AttachStatus::kGeometry;
  const std::uint64_t participants_at = header(kHeaderParticipantsOffset);
  const std::uint64_t events_at = header(kHeaderEventsOffset);
  const std::uint64_t ledger_at = header(kHeaderLedgerOffset);
  if (!fits(participants_at, participants * kParticipantWords, total) ||
      !fits(events_at, event_words(capacity, types, buckets, record_words), total) ||
      !fits(ledger_at, ledger_words(types, slots, participants), total) ||
      !fits(header(kHeaderHistogramsOffset), histograms * kHistogramWords, total)) {
    return AttachStatus::kGeometry;
  }
  for (std::uint64_t ring = 0; ring < rings; ++ring) {
    const std::size_t at = kHeaderRings + ring * kHeaderRingWords;
    const std::uint64_t ring_at = header(at);
    const std::uint64_t ring_slots = header(at + 1);
    const std::uint64_t payload = header(at + 2);
    if (!is_power_of_two(ring_slots) || ring_slots < kRingSlotsMin || ring_slots > kRingSlotsMax || payload < 1 ||
        payload > kPayloadWordsMax || !fits(ring_at, ring_words(ring_slots, payload), total)) {
      return AttachStatus::kGeometry;
    }
    out->rings_[ring] = SnapshotRing(words + ring_at, ring_slots, payload);
  }

  out->participants_ = words + participants_at;
  out->participants_max_ = participants;
  std::uint64_t mine = participants;
  for (std::uint64_t participant = 0; participant < participants && mine == participants; ++participant) {
    std::uint64_t expected = 0;
    // Acquire: pairs with the release in detach or free_participant: the blocks of the participant are ours alone.
    if (out->participant_at(participant)[kParticipantOwner].compare_exchange_strong(
            expected, owner_tag, std::memory_order_acq_rel, std::memory_order_relaxed)) {
      mine = participant;
    }
  }
  if (mine == participants) return AttachStatus::kParticipants;
  out->participant_at(mine)[kParticipantGeneration].fetch_add(1, std::memory_order_relaxed);
  out->participant_ = mine;
  out->ring_count_ = rings;
  out->types_ = types;
  out->slots_max_ = slots;
  out->events_ = std::make_unique<EventTable>(words + events_at, capacity, types, buckets, record_words,
                                              header(kHeaderTransitions), header(kHeaderActionable));
  out->block_.resize(block_words(types, slots));
  out->ledger_ = ReservationLedger(words + ledger_at, types, slots, participants, mine, out->block_.data(),
                                   out->events_.get());
  return AttachStatus::kOk;
}

void Attachment::detach() noexcept {
  for (std::size_t ring = 0; ring < ring_count_; ++ring) rings_[ring].release_writer(participant_);
  // Nobody is left who could submit them, and the number is another's soon.
  ledger_.recover(INT64_MIN, participant_);
  participant_at(participant_)[layout::kParticipantOwner].store(0, std::memory_order_release);
}

bool Attachment::free_participant(std::uint64_t dead, std::uint64_t owner_tag) noexcept {
  if (dead >= participants_max_ || dead == participant_) return false;
  if (owner_tag == 0 || owner_tag != tag_of(owner_tag)) return false;
  // One of several who confirmed the death takes it apart; a number that was reused meanwhile has another owner.
  if (!participant_at(dead)[layout::kParticipantOwner].compare_exchange_strong(
          owner_tag, freeing_by(participant_, owner_tag), std::memory_order_acq_rel, std::memory_order_relaxed)) {
    return false;
  }
  take_apart(dead);
  return true;
}

void Attachment::take_apart(std::uint64_t dead) noexcept {
  // Each number once, and never our own: two who free each other both live on, and owner words that somebody spoilt end too.
  bool is_met[layout::kParticipantsMax] = {};
  std::uint64_t dead_ones[layout::kParticipantsMax] = {dead};
  is_met[participant_] = is_met[dead] = true;
  for (std::size_t at = 0, count = 1; at < count; ++at) {
    const std::uint64_t gone = dead_ones[at];
    for (std::size_t ring = 0; ring < ring_count_; ++ring) rings_[ring].release_writer(gone);
    events_->recover(gone);
    ledger_.recover(INT64_MIN, gone);
    // It may have died within this very function. What it was taking apart is ours: it cannot go on, and nobody else is its freer.
    for (std::uint64_t other = 0; other < participants_max_; ++other) {
      if (is_met[other]) continue;
      Word& owner = participant_at(other)[layout::kParticipantOwner];
      std::uint64_t seen = owner.load(std::memory_order_acquire);
      if (seen == freeing_by(gone, tag_of(seen)) &&
          owner.compare_exchange_strong(seen, freeing_by(participant_, tag_of(seen)), std::memory_order_acq_rel,
                                        std::memory_order_relaxed)) {
        is_met[other] = true;
        dead_ones[count++] = other;
      }
    }
    participant_at(gone)[layout::kParticipantOwner].store(0, std::memory_order_release);
  }
}

const std::vector<LayoutConstant>& layout_table() {
#define SIGNALBOX_CONSTANT(name) {#name, static_cast<std::uint64_t>(layout::name)}
  static const std::vector<LayoutConstant> table = {
      SIGNALBOX_CONSTANT(kMagic),
      SIGNALBOX_CONSTANT(kVersion),
      SIGNALBOX_CONSTANT(kHeaderMagic),
      SIGNALBOX_CONSTANT(kHeaderVersion),
      SIGNALBOX_CONSTANT(kHeaderTotalBytes),
      SIGNALBOX_CONSTANT(kHeaderSchemaHash),
      SIGNALBOX_CONSTANT(kHeaderEpochNs),
      SIGNALBOX_CONSTANT(kHeaderParticipantsMax),
      SIGNALBOX_CONSTANT(kHeaderParticipantsOffset),
      SIGNALBOX_CONSTANT(kHeaderRingCount),
      SIGNALBOX_CONSTANT(kHeaderEventsOffset),
      SIGNALBOX_CONSTANT(kHeaderEventCapacity),
      SIGNALBOX_CONSTANT(kHeaderBucketCount),
      SIGNALBOX_CONSTANT(kHeaderRecordWords),
      SIGNALBOX_CONSTANT(kHeaderTypeCount),
      SIGNALBOX_CONSTANT(kHeaderLedgerOffset),
      SIGNALBOX_CONSTANT(kHeaderSlotsMax),
      SIGNALBOX_CONSTANT(kHeaderTransitions),
      SIGNALBOX_CONSTANT(kHeaderActionable),
      SIGNALBOX_CONSTANT(kHeaderHistogramsOffset),
      SIGNALBOX_CONSTANT(kHeaderHistogramCount),
      SIGNALBOX_CONSTANT(kHeaderRings),
      SIGNALBOX_CONSTANT(kHeaderRingWords),
      SIGNALBOX_CONSTANT(kHeaderWords),
      SIGNALBOX_CONSTANT(kRingsMax),
      SIGNALBOX_CONSTANT(kParticipantOwner),
      SIGNALBOX_CONSTANT(kParticipantGeneration),
      SIGNALBOX_CONSTANT(kParticipantWords),
      SIGNALBOX_CONSTANT(kParticipantFreerShift),
      SIGNALBOX_CONSTANT(kParticipantFreeingShift),
      SIGNALBOX_CONSTANT(kParticipantsMax),
      SIGNALBOX_CONSTANT(kRingLatest),
      SIGNALBOX_CONSTANT(kRingWriter),
      SIGNALBOX_CONSTANT(kRingSlots),
      SIGNALBOX_CONSTANT(kSlotSequence),
      SIGNALBOX_CONSTANT(kSlotPayload),
      SIGNALBOX_CONSTANT(kRingSlotsMin),
      SIGNALBOX_CONSTANT(kRingSlotsMax),
      SIGNALBOX_CONSTANT(kPayloadWordsMax),
      SIGNALBOX_CONSTANT(kEventCapacityMin),
      SIGNALBOX_CONSTANT(kEventCapacityMax),
      SIGNALBOX_CONSTANT(kTypesMax),
      SIGNALBOX_CONSTANT(kSymbolsMax),
      SIGNALBOX_CONSTANT(kRecordWordsMax),
      SIGNALBOX_CONSTANT(kIdBytesMax),
      SIGNALBOX_CONSTANT(kIdWords),
      SIGNALBOX_CONSTANT(kEntryState),
      SIGNALBOX_CONSTANT(kEntryNext),
      SIGNALBOX_CONSTANT(kEntryMeta),
      SIGNALBOX_CONSTANT(kEntryId),
      SIGNALBOX_CONSTANT(kEntryRecord),
      SIGNALBOX_CONSTANT(kStateLifecycleBits),
      SIGNALBOX_CONSTANT(kStateSpentShift),
      SIGNALBOX_CONSTANT(kStatePhaseShift),
      SIGNALBOX_CONSTANT(kStateOwnerShift),
      SIGNALBOX_CONSTANT(kStateGenerationShift),
      SIGNALBOX_CONSTANT(kStateGenerationBits),
      SIGNALBOX_CONSTANT(kPhaseFree),
      SIGNALBOX_CONSTANT(kPhaseWriting),
      SIGNALBOX_CONSTANT(kPhaseLive),
      SIGNALBOX_CONSTANT(kPhaseRetired),
      SIGNALBOX_CONSTANT(kPhasePending),
      SIGNALBOX_CONSTANT(kLinkIndexBits),
      SIGNALBOX_CONSTANT(kLinkMarkShift),
      SIGNALBOX_CONSTANT(kLinkTagShift),
      SIGNALBOX_CONSTANT(kMetaSymbolShift),
      SIGNALBOX_CONSTANT(kMetaTypeShift),
      SIGNALBOX_CONSTANT(kMetaIdBytesShift),
      SIGNALBOX_CONSTANT(kLedgerRoot),
      SIGNALBOX_CONSTANT(kLedgerBlocks),
      SIGNALBOX_CONSTANT(kRootBlockBits),
      SIGNALBOX_CONSTANT(kSlotsMaxMin),
      SIGNALBOX_CONSTANT(kSlotsMaxMax),
      SIGNALBOX_CONSTANT(kPotsMax),
      SIGNALBOX_CONSTANT(kBlockCapital),
      SIGNALBOX_CONSTANT(kBlockNextToken),
      SIGNALBOX_CONSTANT(kBlockLimits),
      SIGNALBOX_CONSTANT(kBlockFlags),
      SIGNALBOX_CONSTANT(kBlockTypePots),
      SIGNALBOX_CONSTANT(kBlockPotShares),
      SIGNALBOX_CONSTANT(kBlockCompatible),
      SIGNALBOX_CONSTANT(kLimitsMaxOpenShift),
      SIGNALBOX_CONSTANT(kLimitsMaxPerSymbolShift),
      SIGNALBOX_CONSTANT(kFlagInterlock),
      SIGNALBOX_CONSTANT(kFlagInterlockBySymbol),
      SIGNALBOX_CONSTANT(kFlagPots),
      SIGNALBOX_CONSTANT(kSlotToken),
      SIGNALBOX_CONSTANT(kSlotEvent),
      SIGNALBOX_CONSTANT(kSlotCapital),
      SIGNALBOX_CONSTANT(kSlotPacked),
      SIGNALBOX_CONSTANT(kSlotLease),
      SIGNALBOX_CONSTANT(kSlotWords),
      SIGNALBOX_CONSTANT(kPackedTypeShift),
      SIGNALBOX_CONSTANT(kPackedStateShift),
      SIGNALBOX_CONSTANT(kPackedOwnerShift),
      SIGNALBOX_CONSTANT(kSlotReserved),
      SIGNALBOX_CONSTANT(kSlotSubmitted),
      SIGNALBOX_CONSTANT(kSlotOpen),
      SIGNALBOX_CONSTANT(kSlotClosing),
      SIGNALBOX_CONSTANT(kHistogramCount),
      SIGNALBOX_CONSTANT(kHistogramMax),
      SIGNALBOX_CONSTANT(kHistogramBuckets),
      SIGNALBOX_CONSTANT(kHistogramBucketCount),
      SIGNALBOX_CONSTANT(kHistogramWords),
      SIGNALBOX_CONSTANT(kHistogramsMax),
      // Sizes that follow from the above, at one point each, so that the formulas agree too.
      {"ringWordsAt_8_1000", layout::ring_words(8, 1000)},
      {"eventWordsAt_4096_7_8192_16", layout::event_words(4096, 7, 8192, 16)},
      {"ledgerWordsAt_7_64_128", layout::ledger_words(7, 64, 128)},
  };
#undef SIGNALBOX_CONSTANT
  return table;
}

}  // namespace signalbox
