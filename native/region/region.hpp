/// A region: one block of words with a header, snapshot rings, an event table and a reservation ledger.
/// An `Attachment` is one participant's view of it: one thread's, never shared between threads.
#pragma once

#include <memory>
#include <vector>

#include "../sync/event_table.hpp"
#include "../sync/reservation_ledger.hpp"
#include "../sync/snapshot_ring.hpp"
#include "layout.hpp"

namespace signalbox {

/// Why bytes could not be attached to.
enum class AttachStatus { kOk, kTooSmall, kForeign, kVersion, kGeometry, kParticipants };

class Attachment {
 public:
  /// Takes a free participant of the region in `bytes` for `owner_tag` (1 … 2^55 − 1). The geometry is read once and checked
  /// against `size`: what anybody writes into the header later cannot lead this attachment out of the bytes.
  static AttachStatus attach(void* bytes, std::size_t size, std::uint64_t owner_tag, Attachment* out);

  /// Gives the participant back: drops its snapshot writer claims and ends its RESERVED slots. By the participant itself, between
  /// two operations, so nothing of it is half done.
  void detach() noexcept;

  /// Frees participant `dead` of `owner_tag`, whose death the caller has confirmed: recovers its entries, ends its
  /// reservations, drops its writer claims, and finishes what it was freeing itself when it died. Returns false if it is not
  /// that owner's (any more).
  bool free_participant(std::uint64_t dead, std::uint64_t owner_tag) noexcept;
  bool free_participant(std::uint64_t dead) noexcept {
    return dead < participants_max_ && free_participant(dead, owner_tag_of(dead));
  }

  [[nodiscard]] std::uint64_t owner_tag_of(std::uint64_t participant) const noexcept {
    return participant_at(participant)[layout::kParticipantOwner].load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t participant() const noexcept { return participant_; }
  [[nodiscard]] std::uint64_t participants_max() const noexcept { return participants_max_; }
  [[nodiscard]] std::size_t ring_count() const noexcept { return ring_count_; }
  [[nodiscard]] SnapshotRing& ring(std::size_t index) noexcept { return rings_[index]; }
  [[nodiscard]] EventTable& events() noexcept { return *events_; }
  [[nodiscard]] ReservationLedger& ledger() noexcept { return ledger_; }
  [[nodiscard]] std::size_t type_count() const noexcept { return types_; }
  [[nodiscard]] std::size_t slots_max() const noexcept { return slots_max_; }

 private:
  /// The rest of `free_participant`, by the one whose number stands in `dead`'s owner word. May be repeated after a death.
  void take_apart(std::uint64_t dead) noexcept;

  [[nodiscard]] Word* participant_at(std::uint64_t participant) const noexcept {
    return participants_ + participant * layout::kParticipantWords;
  }

  Word* participants_ = nullptr;
  std::uint64_t participants_max_ = 0;
  std::uint64_t participant_ = 0;
  std::size_t ring_count_ = 0;
  SnapshotRing rings_[layout::kRingsMax];
  std::unique_ptr<EventTable> events_;
  std::vector<std::uint64_t> block_;
  ReservationLedger ledger_;
  std::size_t types_ = 0;
  std::size_t slots_max_ = 0;
};

/// One constant of the layout, for the comparison with TypeScript.
struct LayoutConstant {
  const char* name;
  std::uint64_t value;
};
const std::vector<LayoutConstant>& layout_table();

}  // namespace signalbox
