/// A block of the ledger, as the copy on which an operation works: capital, limits, pots, compatibility, and the used slots in
/// the order of admission. Private memory: nobody else sees it, nothing here is atomic. The ledger copies it from a root and
/// publishes it under the next one. A torn copy may say anything: whatever is read here stays within the block all the same.
#pragma once

#include "event_table.hpp"

namespace signalbox {

/// The order is the precedence of refusals (`ReserveRefusal` in TypeScript).
enum class LedgerStatus : std::uint32_t {
  kOk = 0,
  kEventClaimed = 1,
  kInterlocked = 2,
  kSlotTaken = 3,
  kMaxPositions = 4,
  kNoCapital = 5,
  kStaleToken = 6,
  kIllegalState = 7,
  /// The capital would leave ±kMinorMax.
  kCapitalRange = 8,
};

/// Amounts beyond it are none: TypeScript holds them as doubles, exactly up to here, and sums of a block's fit 64 bits.
inline constexpr std::int64_t kMinorMax = (std::int64_t{1} << 53) - 1;

struct LedgerRequest {
  std::uint64_t handle;
  std::int64_t capital_minor;
  std::int64_t lease_until_ns;
};

struct LedgerLimits {
  std::int64_t capital_minor;
  std::uint32_t max_open;
  std::uint32_t max_per_symbol;
  std::uint64_t flags;
  std::uint8_t type_pots[layout::kTypesMax];
  std::uint32_t pot_shares[layout::kPotsMax];
  std::uint64_t compatible[layout::kTypesMax];
};

class LedgerBlock {
 public:
  LedgerBlock() noexcept = default;
  /// `words` has room for `layout::block_words(types, slots)`.
  LedgerBlock(std::uint64_t* words, std::size_t types, std::size_t slots) noexcept
      : words_(words), types_(types), slots_max_(slots), slots_at_(layout::block_slots_offset(types)) {}

  [[nodiscard]] std::uint64_t* words() noexcept { return words_; }
  /// Words before the slots, and with the used ones.
  [[nodiscard]] std::size_t head_words() const noexcept { return slots_at_; }
  [[nodiscard]] std::size_t used_words() const noexcept { return slots_at_ + slot_count() * layout::kSlotWords; }

  [[nodiscard]] std::size_t slot_count() const noexcept {
    const std::size_t count = words_[layout::kBlockLimits] & 0xffff;
    return count <= slots_max_ ? count : slots_max_;
  }
  [[nodiscard]] std::uint64_t* slot_at(std::size_t index) const noexcept {
    return words_ + slots_at_ + index * layout::kSlotWords;
  }
  [[nodiscard]] std::uint64_t* slot_of_token(std::uint64_t token) const noexcept {
    for (std::size_t index = 0; index < slot_count(); ++index) {
      if (slot_at(index)[layout::kSlotToken] == token) return slot_at(index);
    }
    return nullptr;
  }
  static std::uint64_t state_of(const std::uint64_t* slot) noexcept {
    return (slot[layout::kSlotPacked] >> layout::kPackedStateShift) & 255;
  }
  static std::uint64_t owner_of(const std::uint64_t* slot) noexcept {
    return (slot[layout::kSlotPacked] >> layout::kPackedOwnerShift) & 0xffff;
  }

  /// True if the capital may change like that and stays an amount. A change of nothing always may.
  [[nodiscard]] bool may_add_capital(std::int64_t change_minor) const noexcept {
    std::int64_t after = 0;
    return change_minor == 0 || (!__builtin_add_overflow(capital(), change_minor, &after) && is_amount(after));
  }

  void add_capital(std::int64_t change_minor) noexcept {
    words_[layout::kBlockCapital] = static_cast<std::uint64_t>(capital() + change_minor);
  }

  /// Takes `slot` out; the others keep their order, the order of admission.
  void remove(std::uint64_t* slot) noexcept {
    const std::size_t last = slot_count() - 1;
    const std::size_t index = static_cast<std::size_t>(slot - slot_at(0)) / layout::kSlotWords;
    std::memmove(slot, slot + layout::kSlotWords, (last - index) * layout::kSlotWords * sizeof(std::uint64_t));
    words_[layout::kBlockLimits] = (words_[layout::kBlockLimits] & ~std::uint64_t{0xffff}) | last;
  }

  void put_limits(const LedgerLimits& limits) noexcept {
    words_[layout::kBlockCapital] = static_cast<std::uint64_t>(limits.capital_minor);
    words_[layout::kBlockLimits] = slot_count() | (std::uint64_t{limits.max_open} << layout::kLimitsMaxOpenShift) |
                                   (std::uint64_t{limits.max_per_symbol} << layout::kLimitsMaxPerSymbolShift);
    words_[layout::kBlockFlags] = limits.flags;
    std::memcpy(words_ + layout::kBlockTypePots, limits.type_pots, sizeof limits.type_pots);
    std::memcpy(words_ + layout::kBlockPotShares, limits.pot_shares, sizeof limits.pot_shares);
    std::memcpy(words_ + layout::kBlockCompatible, limits.compatible, types_ * sizeof(std::uint64_t));
  }

  /// Admits requests one after the other into a block.
  class Admission {
   public:
    /// `owner`: the participant that reserves. `idle_pots`: those that lend at this admission.
    Admission(LedgerBlock& block, EventTable& events, std::uint64_t owner, std::uint64_t idle_pots) noexcept
        : block_(block), events_(events), owner_(owner) {
      if (uses_pots()) open_pots(idle_pots);
    }

    /// kOk and its token, or the first refusal in the order of the statuses. (B1) in reservation_ledger.hpp.
    LedgerStatus admit(const LedgerRequest& request, std::uint64_t* token) noexcept {
      std::uint64_t* block = block_.words_;
      std::uint32_t type = 0;
      std::uint32_t symbol = 0;
      if (!events_.may_reserve(request.handle, &type, &symbol)) return LedgerStatus::kEventClaimed;  // (B1)
      const std::size_t count = block_.slot_count();
      const std::uint64_t flags = block[layout::kBlockFlags];
      const std::uint64_t compatible = block[layout::kBlockCompatible + type];
      std::size_t on_symbol = 0;
      bool claimed = false;
      bool interlocked = false;
      std::uint64_t held = 0;
      std::uint64_t amounts = 0;  // All of them or-ed: one that is none shows.
      for (std::size_t index = 0; index < count; ++index) {
        const std::uint64_t* slot = block_.slot_at(index);
        const bool same_symbol = symbol_of(slot) == symbol;
        claimed |= slot[layout::kSlotEvent] == request.handle;
        on_symbol += same_symbol;
        held += slot[layout::kSlotCapital];
        amounts |= slot[layout::kSlotCapital];
        interlocked |= ((compatible >> type_of(slot)) & 1) == 0 &&
                       (same_symbol || (flags & layout::kFlagInterlockBySymbol) == 0);
      }
      const std::uint64_t limits = block[layout::kBlockLimits];
      const std::size_t max_open = (limits >> layout::kLimitsMaxOpenShift) & 0xffff;
      if (claimed) return LedgerStatus::kEventClaimed;
      if (interlocked && (flags & layout::kFlagInterlock) != 0) return LedgerStatus::kInterlocked;
      if (on_symbol >= ((limits >> layout::kLimitsMaxPerSymbolShift) & 0xffff)) return LedgerStatus::kSlotTaken;
      if (count >= max_open || count >= block_.slots_max_) return LedgerStatus::kMaxPositions;
      // Amounts that are none were spoilt, or the copy is torn: nothing is given away on them, and nothing below overflows.
      const bool are_amounts = amounts <= static_cast<std::uint64_t>(kMinorMax) && is_amount(block_.capital());
      if (!are_amounts || request.capital_minor > block_.capital() - static_cast<std::int64_t>(held) ||
          !spend_budget(type, request.capital_minor)) {
        return LedgerStatus::kNoCapital;
      }
      *token = block[layout::kBlockNextToken]++;
      std::uint64_t* slot = block_.slot_at(count);
      slot[layout::kSlotToken] = *token;
      slot[layout::kSlotEvent] = request.handle;
      slot[layout::kSlotCapital] = static_cast<std::uint64_t>(request.capital_minor);
      slot[layout::kSlotPacked] = symbol | (std::uint64_t{type} << layout::kPackedTypeShift) |
                                  (layout::kSlotReserved << layout::kPackedStateShift) |
                                  (owner_ << layout::kPackedOwnerShift);
      slot[layout::kSlotLease] = static_cast<std::uint64_t>(request.lease_until_ns);
      block[layout::kBlockLimits] = limits + 1;
      return LedgerStatus::kOk;
    }

   private:
    [[nodiscard]] bool uses_pots() const noexcept {
      return (block_.words_[layout::kBlockFlags] & layout::kFlagPots) != 0;
    }

    /// What each pot may still spend, and what the idle ones lend. Out of line: most accounts are one pot.
    [[gnu::noinline]] void open_pots(std::uint64_t idle_pots) noexcept {
      const std::int64_t capital = is_amount(block_.capital()) ? block_.capital() : 0;
      for (std::size_t pot = 0; pot < layout::kPotsMax; ++pot) {
        budgets_[pot] = share_of(capital, block_.pot_share(pot));
      }
      for (std::size_t index = 0; index < block_.slot_count(); ++index) {
        const std::uint64_t* slot = block_.slot_at(index);
        const std::size_t pot = block_.pot_of(type_of(slot));
        if (pot != kNoPot) budgets_[pot] -= amount_of(slot);
      }
      for (std::size_t pot = 0; pot < layout::kPotsMax; ++pot) {
        if (budgets_[pot] < 0) budgets_[pot] = 0;
        if (((idle_pots >> pot) & 1) == 0) continue;
        borrowable_ += budgets_[pot];
        budgets_[pot] = 0;
      }
    }

    /// A pot spends its own budget first, then what idle pots lend, each lent unit once (CONTRACTS, "Budget").
    bool spend_budget(std::uint32_t type, std::int64_t wanted) noexcept {
      if (!uses_pots()) return true;
      const std::size_t pot = block_.pot_of(type);
      if (pot == kNoPot) return false;
      const std::int64_t own = wanted < budgets_[pot] ? wanted : budgets_[pot];
      if (wanted - own > borrowable_) return false;
      budgets_[pot] -= own;
      borrowable_ -= wanted - own;
      return true;
    }

    LedgerBlock& block_;
    EventTable& events_;
    std::uint64_t owner_;
    std::int64_t borrowable_ = 0;
    std::int64_t budgets_[layout::kPotsMax];  // With pots only.
  };

 private:
  static constexpr std::size_t kNoPot = ~std::size_t{0};
  static constexpr std::uint32_t kWholePpm = 1'000'000;

  [[nodiscard]] std::int64_t capital() const noexcept {
    return static_cast<std::int64_t>(words_[layout::kBlockCapital]);
  }

  static bool is_amount(std::int64_t minor) noexcept { return minor >= -kMinorMax && minor <= kMinorMax; }

  /// ⌊capital × share ÷ 10⁶⌋, exactly.
  static std::int64_t share_of(std::int64_t capital, std::uint32_t share_ppm) noexcept {
    if (capital <= 0) return 0;
    return static_cast<std::int64_t>(static_cast<unsigned __int128>(capital) * share_ppm / kWholePpm);
  }
  /// What the slot holds; of a spoilt one the most that there is.
  static std::int64_t amount_of(const std::uint64_t* slot) noexcept {
    const std::uint64_t minor = slot[layout::kSlotCapital];
    return minor <= static_cast<std::uint64_t>(kMinorMax) ? static_cast<std::int64_t>(minor) : kMinorMax;
  }
  static std::uint32_t symbol_of(const std::uint64_t* slot) noexcept {
    return static_cast<std::uint32_t>(slot[layout::kSlotPacked] & 0xffff);
  }
  static std::uint32_t type_of(const std::uint64_t* slot) noexcept {
    return static_cast<std::uint32_t>((slot[layout::kSlotPacked] >> layout::kPackedTypeShift) & 63);
  }
  [[nodiscard]] std::size_t pot_of(std::uint32_t type) const noexcept {
    const std::uint64_t word = words_[layout::kBlockTypePots + type / 8];
    const std::size_t pot = (word >> (type % 8 * 8)) & 255;
    return pot == 0 || pot > layout::kPotsMax ? kNoPot : pot - 1;
  }
  [[nodiscard]] std::uint32_t pot_share(std::size_t pot) const noexcept {
    const auto share_ppm = static_cast<std::uint32_t>(words_[layout::kBlockPotShares + pot / 2] >> (pot % 2 * 32));
    return share_ppm <= kWholePpm ? share_ppm : kWholePpm;
  }

  std::uint64_t* words_ = nullptr;
  std::size_t types_ = 0;
  std::size_t slots_max_ = 0;
  std::size_t slots_at_ = 0;
};

}  // namespace signalbox
