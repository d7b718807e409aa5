/// The live bits of the event table: a map of one bit an entry for each type, in which a scan finds what is live. A bit is set
/// before its entry can be live and cleared after it was retired, so it is a hint that never misses: what anybody has found is in every
/// later scan, and what never became live is in none.
#pragma once

#include "event_entry.hpp"

namespace signalbox {

class LiveMap {
 public:
  LiveMap() noexcept = default;
  LiveMap(Word* base, std::size_t capacity, std::size_t types) noexcept
      : base_(base), map_words_(layout::bitmap_words(capacity)), types_(types) {}

  ///   (G5) seq_cst, before the entry can be linked: who saw it live finds the bit in (S1).
  void set(std::uint32_t type, std::size_t index) noexcept {
    word_of(type, index).fetch_or(bit_of(index), std::memory_order_seq_cst);  // (G5)
  }

  void clear(std::uint32_t type, std::size_t index) noexcept {
    if (type < types_) word_of(type, index).fetch_and(~bit_of(index), std::memory_order_acq_rel);
  }

  /// The bits of the line of words that begins at `line`: of `type`, or of all (`types` and above). All at once: an entry that is
  /// reused under another type meanwhile is looked at once only.
  ///
  ///   (S1) acquire-load pairs with (G5).
  ///
  /// False if there is none.
  bool load_line(std::uint32_t type, std::size_t line, std::uint64_t* bits) const noexcept {
    const bool all = type >= types_;
    const std::size_t last = all ? types_ : type + 1;
    std::uint64_t found[kLineWords] = {};  // In registers; `bits` is memory.
    for (std::size_t of_type = all ? 0 : type; of_type < last; ++of_type) {
      const Word* live = base_ + of_type * map_words_ + line;
#pragma GCC unroll 8
      for (std::size_t word = 0; word < kLineWords; ++word) {
        found[word] |= live[word].load(std::memory_order_acquire);  // (S1)
      }
    }
    std::uint64_t any = 0;
    for (const std::uint64_t word : found) any |= word;
    if (any != 0) std::memcpy(bits, found, sizeof found);
    return any != 0;
  }

  static std::uint64_t bit_of(std::size_t index) noexcept { return std::uint64_t{1} << (index & 63); }

 private:
  [[nodiscard]] Word& word_of(std::uint32_t type, std::size_t index) const noexcept {
    return base_[type * map_words_ + index / 64];
  }

  Word* base_ = nullptr;
  std::size_t map_words_ = 0;
  std::size_t types_ = 0;
};

}  // namespace signalbox
