/// A region's bytes made as `Region.create` in TypeScript makes them, and ids for its events. For tests; one thread.
#pragma once

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "region/region.hpp"

namespace signalbox::test {

struct RingShape {
  std::uint64_t slots;
  std::uint64_t payload_words;
};

struct Shape {
  std::uint64_t participants = 8;
  std::vector<RingShape> rings = {{4, 16}};
  std::uint64_t capacity = 64;
  std::uint64_t buckets = 64;
  std::uint64_t record_words = 4;
  std::uint64_t types = 4;
  std::uint64_t slots = 8;
  std::uint64_t histograms = 0;
  /// Five states, forward only, skipping legal, the last two final; the first three actionable.
  std::uint64_t transitions = 0x181c1e;
  std::uint64_t actionable = 0b111;
};

/// Gives a region's bytes back to where they came from.
struct FreeBytes {
  std::size_t mapped_bytes = 0;
  void operator()(std::uint64_t* words) const noexcept {
    if (mapped_bytes > 0) munmap(words, mapped_bytes);
    else std::free(words);
  }
};

class RegionImage {
 public:
  /// `is_shared`: with the processes that this one forks. Otherwise from the heap, where AddressSanitizer guards the ends.
  explicit RegionImage(const Shape& shape = {}, bool is_shared = false) : shape_(shape) {
    using namespace layout;
    std::size_t end = kHeaderWords + shape.participants * kParticipantWords;
    const auto place = [&end](std::size_t words) {
      const std::size_t at = end;
      end += round_up(words, kLineWords);
      return at;
    };
    std::vector<std::size_t> rings_at;
    for (const RingShape& ring : shape.rings) rings_at.push_back(place(ring_words(ring.slots, ring.payload_words)));
    events_at_ = place(event_words(shape.capacity, shape.types, shape.buckets, shape.record_words));
    ledger_at_ = place(ledger_words(shape.types, shape.slots, shape.participants));
    const std::size_t histograms_at = place(shape.histograms * kHistogramWords);
    word_count_ = end;
    void* bytes = is_shared ? mmap(nullptr, end * 8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
                            : std::aligned_alloc(kLineBytes, round_up(end * 8, kLineBytes));
    if (bytes == nullptr || bytes == MAP_FAILED) std::abort();
    std::memset(bytes, 0, end * 8);
    words_ = {static_cast<std::uint64_t*>(bytes), FreeBytes{is_shared ? end * 8 : 0}};

    set(kHeaderMagic, kMagic);
    set(kHeaderTotalBytes, end * 8);
    set(kHeaderParticipantsMax, shape.participants);
    set(kHeaderParticipantsOffset, kHeaderWords);
    set(kHeaderRingCount, shape.rings.size());
    set(kHeaderEventsOffset, events_at_);
    set(kHeaderEventCapacity, shape.capacity);
    set(kHeaderBucketCount, shape.buckets);
    set(kHeaderRecordWords, shape.record_words);
    set(kHeaderTypeCount, shape.types);
    set(kHeaderLedgerOffset, ledger_at_);
    set(kHeaderSlotsMax, shape.slots);
    set(kHeaderTransitions, shape.transitions);
    set(kHeaderActionable, shape.actionable);
    set(kHeaderHistogramsOffset, histograms_at);
    set(kHeaderHistogramCount, shape.histograms);
    for (std::size_t ring = 0; ring < rings_at.size(); ++ring) {
      set(kHeaderRings + ring * kHeaderRingWords, rings_at[ring]);
      set(kHeaderRings + ring * kHeaderRingWords + 1, shape.rings[ring].slots);
      set(kHeaderRings + ring * kHeaderRingWords + 2, shape.rings[ring].payload_words);
    }
    for (std::size_t word = 0; word < shape.capacity / 64; ++word) set(events_at_ + word, ~std::uint64_t{0});
    set(ledger_at_ + kLedgerBlocks + kBlockNextToken, 1);
    set(kHeaderVersion, kVersion);
  }

  [[nodiscard]] void* bytes() noexcept { return words_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return word_count_ * 8; }
  [[nodiscard]] std::uint64_t* words() noexcept { return words_.get(); }
  [[nodiscard]] std::size_t word_count() const noexcept { return word_count_; }
  [[nodiscard]] std::size_t events_at() const noexcept { return events_at_; }
  [[nodiscard]] std::size_t ledger_at() const noexcept { return ledger_at_; }
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  void set(std::size_t index, std::uint64_t value) noexcept { words_[index] = value; }

  /// Attaches, or ends the process.
  std::unique_ptr<Attachment> attach(std::uint64_t owner_tag = 1) {
    auto attachment = std::make_unique<Attachment>();
    if (Attachment::attach(bytes(), size(), owner_tag, attachment.get()) != AttachStatus::kOk) {
      std::fprintf(stderr, "the test's region cannot be attached to\n");
      std::abort();
    }
    return attachment;
  }

 private:
  Shape shape_;
  std::size_t events_at_ = 0;
  std::size_t ledger_at_ = 0;
  std::size_t word_count_ = 0;
  std::unique_ptr<std::uint64_t[], FreeBytes> words_;
};

inline EventId make_id(std::string_view text) noexcept {
  EventId id{};
  if (text.size() > sizeof id.words) std::abort();
  std::memcpy(id.words, text.data(), text.size());
  id.bytes = static_cast<std::uint32_t>(text.size());
  id.hash = hash_id(reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return id;
}

/// Limits that refuse nothing but what the table of slots refuses: every type beside every other, no pots.
inline ReservationLedger::Limits open_limits(std::int64_t capital_minor) noexcept {
  ReservationLedger::Limits limits{};
  limits.capital_minor = capital_minor;
  limits.max_open = layout::kSlotsMaxMax;
  limits.max_per_symbol = layout::kSlotsMaxMax;
  for (std::uint64_t& mask : limits.compatible) mask = ~std::uint64_t{0};
  return limits;
}

}  // namespace signalbox::test
