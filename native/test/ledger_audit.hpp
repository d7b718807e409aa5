/// The auditor's own reading of a ledger block: RES-1 to RES-4 from the block alone, without the ledger's code.
#pragma once

#include <set>

#include "check.hpp"
#include "region_image.hpp"

namespace signalbox::test {

struct Position {
  std::uint64_t token;
  std::uint64_t event;
  std::int64_t capital;
  std::uint64_t type;
  std::uint64_t symbol;
  std::uint64_t state;
  std::uint64_t owner;
  std::int64_t lease;
};

/// The positions of a whole block with `types` types.
inline std::vector<Position> positions_of(const std::uint64_t* block, std::size_t types) {
  using namespace layout;
  std::vector<Position> positions;
  for (std::size_t index = 0; index < (block[kBlockLimits] & 0xffff); ++index) {
    const std::uint64_t* slot = block + block_slots_offset(types) + index * kSlotWords;
    const std::uint64_t packed = slot[kSlotPacked];
    positions.push_back({slot[kSlotToken], slot[kSlotEvent], static_cast<std::int64_t>(slot[kSlotCapital]),
                         (packed >> kPackedTypeShift) & 255, packed & 65535, (packed >> kPackedStateShift) & 255,
                         (packed >> kPackedOwnerShift) & 65535, static_cast<std::int64_t>(slot[kSlotLease])});
  }
  return positions;
}

/// What every committed block keeps while limits are never lowered. Returns the positions.
inline std::vector<Position> audit_block(const std::uint64_t* block, std::size_t types, std::size_t slots_max) {
  using namespace layout;
  CHECK((block[kBlockLimits] & 0xffff) <= slots_max);
  const std::vector<Position> positions = positions_of(block, types);
  const std::uint64_t limits = block[kBlockLimits];
  const std::uint64_t flags = block[kBlockFlags];
  const auto capital = static_cast<std::int64_t>(block[kBlockCapital]);
  std::int64_t held = 0;
  std::int64_t held_by_pot[kPotsMax + 1] = {};
  std::set<std::uint64_t> tokens;
  std::set<std::uint64_t> events;
  for (const Position& position : positions) {
    CHECK(position.state >= kSlotReserved && position.state <= kSlotClosing);
    CHECK(position.token != 0 && position.token < block[kBlockNextToken]);  // RES-4
    CHECK(tokens.insert(position.token).second);                             // RES-4
    CHECK(events.insert(position.event).second);                             // RES-3
    CHECK(position.type < types);
    held += position.capital;
    held_by_pot[(block[kBlockTypePots + position.type / 8] >> (position.type % 8 * 8)) & 255] += position.capital;
    std::size_t on_symbol = 0;
    for (const Position& other : positions) {
      on_symbol += other.symbol == position.symbol;
      const bool in_scope = (flags & kFlagInterlockBySymbol) == 0 || other.symbol == position.symbol;
      const bool beside = ((block[kBlockCompatible + position.type] >> other.type) & 1) != 0;
      CHECK((flags & kFlagInterlock) == 0 || !in_scope || beside);  // RES-2
    }
    CHECK(on_symbol <= ((limits >> kLimitsMaxPerSymbolShift) & 0xffff));  // RES-2
  }
  CHECK(positions.size() <= ((limits >> kLimitsMaxOpenShift) & 0xffff));  // RES-2
  CHECK(held <= capital);                                                  // RES-1
  if ((flags & kFlagPots) != 0) {
    CHECK(held_by_pot[0] == 0);
    for (std::size_t pot = 0; pot < kPotsMax; ++pot) {
      const std::uint64_t share = (block[kBlockPotShares + pot / 2] >> (pot % 2 * 32)) & 0xffffffff;
      CHECK(held_by_pot[pot + 1] <= static_cast<std::int64_t>(static_cast<unsigned __int128>(capital) * share / 1'000'000u));
    }
  }
  return positions;
}

}  // namespace signalbox::test
