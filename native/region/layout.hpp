/// The region's layout: offsets and sizes only, no behaviour. `src/region/layout.ts` says the same for TypeScript; the
/// addon hands out this table (`layout_table`) and the two are compared when the addon is loaded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/words.hpp"

namespace signalbox::layout {

/// "SIGNALBX" in the order of the bytes.
inline constexpr std::uint64_t kMagic = 0x58424c414e474953ull;
/// Grows with every change of what the bytes mean. Written last, read first.
inline constexpr std::uint64_t kVersion = 2;

// The header, in words. Fixed at creation, except the version, which is published last.
inline constexpr std::size_t kHeaderMagic = 0;
inline constexpr std::size_t kHeaderVersion = 1;
inline constexpr std::size_t kHeaderTotalBytes = 2;
inline constexpr std::size_t kHeaderSchemaHash = 3;
inline constexpr std::size_t kHeaderEpochNs = 4;
inline constexpr std::size_t kHeaderParticipantsMax = 5;
inline constexpr std::size_t kHeaderParticipantsOffset = 6;
inline constexpr std::size_t kHeaderRingCount = 7;
inline constexpr std::size_t kHeaderEventsOffset = 8;
inline constexpr std::size_t kHeaderEventCapacity = 9;
inline constexpr std::size_t kHeaderBucketCount = 10;
inline constexpr std::size_t kHeaderRecordWords = 11;
inline constexpr std::size_t kHeaderTypeCount = 12;
inline constexpr std::size_t kHeaderLedgerOffset = 13;
inline constexpr std::size_t kHeaderSlotsMax = 14;
/// Byte s: the states that may follow state s, as a mask.
inline constexpr std::size_t kHeaderTransitions = 15;
/// The states in which an event may be reserved, as a mask.
inline constexpr std::size_t kHeaderActionable = 16;
inline constexpr std::size_t kHeaderHistogramsOffset = 17;
inline constexpr std::size_t kHeaderHistogramCount = 18;
inline constexpr std::size_t kHeaderRings = 24;
/// A ring's three words in the header: offset, slots, payload words.
inline constexpr std::size_t kHeaderRingWords = 3;
inline constexpr std::size_t kRingsMax = 8;
inline constexpr std::size_t kHeaderWords = 48;

// A participant: one attachment (a thread). One line each.
inline constexpr std::size_t kParticipantOwner = 0;
inline constexpr std::size_t kParticipantGeneration = 1;
inline constexpr std::size_t kParticipantWords = kLineWords;
/// An owner word: 0 is free; else the owner's tag, below 2^55. While the participant is being freed, by one alone: the tag, the
/// number of the participant that frees it, and the freeing bit. So who frees a dead freer knows what it left half freed.
inline constexpr unsigned kParticipantFreerShift = 55;
inline constexpr unsigned kParticipantFreeingShift = 63;
inline constexpr std::size_t kParticipantsMax = 255;

// A snapshot ring: a line for readers, a line for the claim, then the slots: a line with the sequence, then the payload.
inline constexpr std::size_t kRingLatest = 0;
inline constexpr std::size_t kRingWriter = kLineWords;
inline constexpr std::size_t kRingSlots = 2 * kLineWords;
inline constexpr std::size_t kSlotSequence = 0;
inline constexpr std::size_t kSlotPayload = kLineWords;
inline constexpr std::size_t kRingSlotsMin = 4;
inline constexpr std::size_t kRingSlotsMax = 64;
inline constexpr std::size_t kPayloadWordsMax = 32768;

constexpr std::size_t ring_slot_words(std::size_t payload_words) noexcept {
  return kSlotPayload + round_up(payload_words, kLineWords);
}
constexpr std::size_t ring_words(std::size_t slots, std::size_t payload_words) noexcept {
  return kRingSlots + slots * ring_slot_words(payload_words);
}

// The event table: free hints (a bit an entry), live bits by type (a bit an entry), buckets, entries.
inline constexpr std::size_t kEventCapacityMin = 64;
inline constexpr std::size_t kEventCapacityMax = 65536;
inline constexpr std::size_t kTypesMax = 64;
inline constexpr std::size_t kSymbolsMax = 65536;
inline constexpr std::size_t kRecordWordsMax = 64;
inline constexpr std::size_t kIdBytesMax = 63;
inline constexpr std::size_t kIdWords = 8;
inline constexpr std::size_t kEntryState = 0;
inline constexpr std::size_t kEntryNext = 1;
inline constexpr std::size_t kEntryMeta = 2;
inline constexpr std::size_t kEntryId = 8;
inline constexpr std::size_t kEntryRecord = kEntryId + kIdWords;

constexpr std::size_t bitmap_words(std::size_t capacity) noexcept { return round_up(capacity / 64, kLineWords); }
constexpr std::size_t entry_words(std::size_t record_words) noexcept {
  return round_up(kEntryRecord + record_words, kLineWords);
}
constexpr std::size_t event_live_offset(std::size_t capacity) noexcept { return bitmap_words(capacity); }
constexpr std::size_t event_buckets_offset(std::size_t capacity, std::size_t types) noexcept {
  return event_live_offset(capacity) + types * bitmap_words(capacity);
}
constexpr std::size_t event_entries_offset(std::size_t capacity, std::size_t types, std::size_t buckets) noexcept {
  return event_buckets_offset(capacity, types) + buckets;
}
constexpr std::size_t event_words(std::size_t capacity, std::size_t types, std::size_t buckets,
                                  std::size_t record_words) noexcept {
  return event_entries_offset(capacity, types, buckets) + capacity * entry_words(record_words);
}

// An entry's state word.
inline constexpr unsigned kStateLifecycleBits = 3;
inline constexpr unsigned kStateSpentShift = 3;
inline constexpr unsigned kStatePhaseShift = 4;
inline constexpr unsigned kStateOwnerShift = 8;
inline constexpr unsigned kStateGenerationShift = 16;
inline constexpr unsigned kStateGenerationBits = 36;
inline constexpr std::uint64_t kPhaseFree = 0;
inline constexpr std::uint64_t kPhaseWriting = 1;
inline constexpr std::uint64_t kPhaseLive = 2;
inline constexpr std::uint64_t kPhaseRetired = 3;
/// Filled and announced, not known to be linked: live as soon as anybody who knows says so.
inline constexpr std::uint64_t kPhasePending = 4;

// A link (a bucket or an entry's next word): entry index + 1, a mark, a tag that every change raises.
inline constexpr unsigned kLinkIndexBits = 24;
inline constexpr unsigned kLinkMarkShift = 24;
inline constexpr unsigned kLinkTagShift = 25;

// The meta word of an entry.
inline constexpr unsigned kMetaSymbolShift = 32;
inline constexpr unsigned kMetaTypeShift = 48;
inline constexpr unsigned kMetaIdBytesShift = 56;

// The reservation ledger: a line with the root, then the blocks: one at creation, two a participant.
inline constexpr std::size_t kLedgerRoot = 0;
inline constexpr std::size_t kLedgerBlocks = kLineWords;
inline constexpr unsigned kRootBlockBits = 16;
inline constexpr std::size_t kSlotsMaxMin = 1;
inline constexpr std::size_t kSlotsMaxMax = 256;
inline constexpr std::size_t kPotsMax = 16;

inline constexpr std::size_t kBlockCapital = 0;
inline constexpr std::size_t kBlockNextToken = 1;
inline constexpr std::size_t kBlockLimits = 2;
inline constexpr std::size_t kBlockFlags = 3;
/// A byte a type: its pot + 1, or 0.
inline constexpr std::size_t kBlockTypePots = 4;
/// A 32-bit number a pot: its share of the capital in parts per million.
inline constexpr std::size_t kBlockPotShares = 12;
/// A word a type: the types that may be held beside it.
inline constexpr std::size_t kBlockCompatible = 20;
inline constexpr unsigned kLimitsMaxOpenShift = 16;
inline constexpr unsigned kLimitsMaxPerSymbolShift = 32;
inline constexpr std::uint64_t kFlagInterlock = 1;
inline constexpr std::uint64_t kFlagInterlockBySymbol = 2;
inline constexpr std::uint64_t kFlagPots = 4;

inline constexpr std::size_t kSlotToken = 0;
inline constexpr std::size_t kSlotEvent = 1;
inline constexpr std::size_t kSlotCapital = 2;
inline constexpr std::size_t kSlotPacked = 3;
inline constexpr std::size_t kSlotLease = 4;
inline constexpr std::size_t kSlotWords = 5;
inline constexpr unsigned kPackedTypeShift = 16;
inline constexpr unsigned kPackedStateShift = 24;
inline constexpr unsigned kPackedOwnerShift = 32;
inline constexpr std::uint64_t kSlotReserved = 1;
inline constexpr std::uint64_t kSlotSubmitted = 2;
inline constexpr std::uint64_t kSlotOpen = 3;
inline constexpr std::uint64_t kSlotClosing = 4;

constexpr std::size_t block_slots_offset(std::size_t types) noexcept { return kBlockCompatible + types; }
constexpr std::size_t block_words(std::size_t types, std::size_t slots) noexcept {
  return round_up(block_slots_offset(types) + slots * kSlotWords, kLineWords);
}
constexpr std::size_t ledger_words(std::size_t types, std::size_t slots, std::size_t participants) noexcept {
  return kLedgerBlocks + (1 + 2 * participants) * block_words(types, slots);
}

// The histograms, one behind the other: a line with the head, then the buckets; each word a double. Only TypeScript touches them
// (src/base/histogram.ts says who may, and what a reader sees): here they are a size that must fit.
inline constexpr std::size_t kHistogramCount = 0;
inline constexpr std::size_t kHistogramMax = 1;
inline constexpr std::size_t kHistogramBuckets = kLineWords;
inline constexpr std::size_t kHistogramBucketCount = 43 * 64;
inline constexpr std::size_t kHistogramWords = kHistogramBuckets + kHistogramBucketCount;
inline constexpr std::size_t kHistogramsMax = 64;

}  // namespace signalbox::layout
