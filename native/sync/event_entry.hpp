/// An entry of the event table: where its words lie and what its state and meta words say. Orders nothing by itself: the
/// event table and its id index do.
#pragma once

#include "../region/layout.hpp"

namespace signalbox {

struct EventId {
  std::uint64_t words[layout::kIdWords];
  std::uint32_t bytes;
  std::uint32_t hash;
};

/// FNV-1a over the id's bytes, finished by a multiply so that the low bits depend on all of them. TypeScript computes the same.
inline std::uint32_t hash_id(const unsigned char* bytes, std::size_t count) noexcept {
  std::uint32_t hash = 0x811c9dc5u;
  for (std::size_t index = 0; index < count; ++index) hash = (hash ^ bytes[index]) * 0x01000193u;
  hash ^= hash >> 15;
  return hash * 0x2c1b3c6du;
}

/// The entries by index, 0 … capacity − 1.
struct EventEntries {
  Word* base = nullptr;
  std::size_t capacity = 0;
  std::size_t words = 0;

  [[nodiscard]] Word* at(std::size_t index) const noexcept { return base + index * words; }
};

/// An index that is no entry's.
inline constexpr std::size_t kNoEntry = ~std::size_t{0};
inline constexpr unsigned kHandleIndexBits = 16;
inline constexpr std::uint64_t kLifecycleMask = (std::uint64_t{1} << layout::kStateLifecycleBits) - 1;

// The state word: generation, owner, phase, spent, lifecycle. Each change of it is one CAS, or a store by its only owner.

inline std::uint64_t generation_of(std::uint64_t state) noexcept { return state >> layout::kStateGenerationShift; }
inline std::uint64_t phase_of(std::uint64_t state) noexcept { return (state >> layout::kStatePhaseShift) & 15; }
inline std::uint64_t owner_of(std::uint64_t state) noexcept { return (state >> layout::kStateOwnerShift) & 255; }
inline std::uint32_t lifecycle_of(std::uint64_t state) noexcept {
  return static_cast<std::uint32_t>(state & kLifecycleMask);
}
inline bool is_spent(std::uint64_t state) noexcept { return ((state >> layout::kStateSpentShift) & 1) != 0; }
inline std::uint64_t state_word(std::uint64_t generation, std::uint64_t phase, std::uint64_t owner) noexcept {
  return (generation << layout::kStateGenerationShift) | (owner << layout::kStateOwnerShift) |
         (phase << layout::kStatePhaseShift);
}
inline std::uint64_t next_generation(std::uint64_t state) noexcept {
  return (generation_of(state) + 1) & ((std::uint64_t{1} << layout::kStateGenerationBits) - 1);
}
/// LIVE, or PENDING: then it is an event if the walk that met it counts.
inline bool is_filled(std::uint64_t state) noexcept {
  return phase_of(state) == layout::kPhaseLive || phase_of(state) == layout::kPhasePending;
}

/// What says whose life it is: phase and generation. Lifecycle, spent and owner may change within it.
inline constexpr std::uint64_t kIdentityMask =
    ~std::uint64_t{0} << layout::kStateGenerationShift | std::uint64_t{15} << layout::kStatePhaseShift;

// A handle: an entry's index and its generation. It is void with the generation (REG-5).

inline std::size_t index_of_handle(std::uint64_t handle) noexcept {
  return handle & ((std::uint64_t{1} << kHandleIndexBits) - 1);
}
inline std::uint64_t generation_of_handle(std::uint64_t handle) noexcept { return handle >> kHandleIndexBits; }
inline std::uint64_t handle_of(std::size_t index, std::uint64_t state) noexcept {
  return (generation_of(state) << kHandleIndexBits) | index;
}
inline bool is_live(std::uint64_t state, std::uint64_t handle) noexcept {
  return phase_of(state) == layout::kPhaseLive && generation_of(state) == generation_of_handle(handle);
}

// The meta word: the id's hash and size, the event's type and symbol. Written while the entry is WRITING, fixed from then on.

inline std::uint64_t meta_word(const EventId& id, std::uint32_t type, std::uint32_t symbol) noexcept {
  return id.hash | (std::uint64_t{symbol} << layout::kMetaSymbolShift) |
         (std::uint64_t{type} << layout::kMetaTypeShift) | (std::uint64_t{id.bytes} << layout::kMetaIdBytesShift);
}
inline std::uint32_t hash_of(std::uint64_t meta) noexcept { return static_cast<std::uint32_t>(meta); }
inline std::uint32_t id_bytes_of(std::uint64_t meta) noexcept {
  return static_cast<std::uint32_t>(meta >> layout::kMetaIdBytesShift);
}
inline std::uint32_t type_of(std::uint64_t meta) noexcept {
  return static_cast<std::uint32_t>((meta >> layout::kMetaTypeShift) & 255);
}
inline std::uint32_t symbol_of(std::uint64_t meta) noexcept {
  return static_cast<std::uint32_t>((meta >> layout::kMetaSymbolShift) & 65535);
}

}  // namespace signalbox
