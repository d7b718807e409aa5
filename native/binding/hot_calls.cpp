/// The calls that JavaScript makes in its hot path: raw callbacks bound to their attachment or ring, no arguments (an id is
/// the one exception: V8 hands a string over faster than a typed array of its bytes), results in the pinned call page.
/// Ranges were checked by TypeScript; what would lead out of the page or the tables is checked here again.
#include <cstring>

#include "attachment.hpp"

namespace signalbox::binding {

namespace {

template <typename Bound>
Bound* data_of(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  return static_cast<Bound*>(data);
}

/// The attachment of a call, or nullptr with ERR_CLOSED thrown.
BoundAttachment* open_attachment(napi_env env, napi_callback_info info) {
  auto* bound = data_of<BoundAttachment>(env, info);
  if (bound->is_open) return bound;
  throw_code(env, "ERR_CLOSED", "the region was closed");
  return nullptr;
}

std::uint64_t word_of(double value) { return value >= 0 && value < 9007199254740992.0 ? static_cast<std::uint64_t>(value) : 0; }
std::int64_t signed_of(double value) {
  return value > -9007199254740992.0 && value < 9007199254740992.0 ? static_cast<std::int64_t>(value) : 0;
}

// --- snapshot rings -------------------------------------------------------------------------------------------------

void read_ring(BoundRing* ring, std::size_t first, std::size_t count) {
  auto* out = reinterpret_cast<std::uint64_t*>(ring->page) + Page::kRingPayload + first;
  const SnapshotRing::ReadResult result = ring->owner->attachment.ring(ring->index).read(out, first, count);
  ring->page[Page::kRingVersion] = result.version == SnapshotRing::kOverrun ? -1 : static_cast<double>(result.version);
  ring->page[Page::kRingAttempts] = result.attempts;
}

BoundRing* open_ring(napi_env env, napi_callback_info info) {
  auto* ring = data_of<BoundRing>(env, info);
  if (ring->owner->is_open) return ring;
  throw_code(env, "ERR_CLOSED", "the region was closed");
  return nullptr;
}

napi_value ring_read(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  read_ring(ring, 0, ring->owner->attachment.ring(ring->index).payload_words());
  return nullptr;
}

napi_value ring_read_part(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  const std::size_t words = ring->owner->attachment.ring(ring->index).payload_words();
  const std::uint64_t first = word_of(ring->page[Page::kRingFirst]);
  const std::uint64_t count = word_of(ring->page[Page::kRingCount]);
  if (first > words || count > words - first) {
    return throw_code(env, "ERR_INVALID_ARGUMENT", "the part to read lies outside the snapshot");
  }
  read_ring(ring, first, count);
  return nullptr;
}

napi_value ring_publish(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  SnapshotRing& target = ring->owner->attachment.ring(ring->index);
  const auto* staged =
      reinterpret_cast<const std::uint64_t*>(ring->page) + Page::kRingPayload + target.payload_words();
  ring->page[Page::kRingVersion] = static_cast<double>(target.publish(staged));
  return nullptr;
}

napi_value ring_claim(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  Attachment& view = ring->owner->attachment;
  ring->page[Page::kRingVersion] = view.ring(ring->index).try_claim_writer(view.participant()) ? 1 : 0;
  return nullptr;
}

napi_value ring_unclaim(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  ring->owner->attachment.ring(ring->index).release_writer(ring->owner->attachment.participant());
  return nullptr;
}

// --- event table ----------------------------------------------------------------------------------------------------

/// Reads the id as UTF-16 (the only form that shows lone surrogates) and packs it as UTF-8. 0 bytes: empty, longer than 63
/// bytes, or not well formed.
bool take_id(napi_env env, napi_value value, EventId* id) {
  constexpr std::size_t kUnits = layout::kIdBytesMax + 1;
  char16_t units[kUnits + 1];
  std::size_t count = 0;
  if (napi_get_value_string_utf16(env, value, units, kUnits + 1, &count) != napi_ok) return false;
  if (count == 0 || count > layout::kIdBytesMax) return false;
  std::memset(id->words, 0, sizeof id->words);
  auto* bytes = reinterpret_cast<unsigned char*>(id->words);
  std::size_t size = 0;
  const auto put = [&](std::uint32_t byte) {
    if (size < sizeof id->words) bytes[size] = static_cast<unsigned char>(byte);
    ++size;
  };
  for (std::size_t index = 0; index < count; ++index) {
    std::uint32_t point = units[index];
    if (point >= 0xd800 && point <= 0xdfff) {
      const bool pair = point <= 0xdbff && index + 1 < count && units[index + 1] >= 0xdc00 && units[index + 1] <= 0xdfff;
      if (!pair) return false;
      point = 0x10000 + ((point - 0xd800) << 10) + (units[++index] - 0xdc00u);
    }
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xc0 | point >> 6);
      put(0x80 | (point & 63));
    } else if (point < 0x10000) {
      put(0xe0 | point >> 12);
      put(0x80 | (point >> 6 & 63));
      put(0x80 | (point & 63));
    } else {
      put(0xf0 | point >> 18);
      put(0x80 | (point >> 12 & 63));
      put(0x80 | (point >> 6 & 63));
      put(0x80 | (point & 63));
    }
  }
  if (size > layout::kIdBytesMax) return false;
  id->bytes = static_cast<std::uint32_t>(size);
  id->hash = hash_id(bytes, size);
  return true;
}

/// The attachment and the id of a call; nullptr when it is closed (ERR_CLOSED thrown) or the id is no id (a status).
BoundAttachment* with_id(napi_env env, napi_callback_info info, EventId* id) {
  std::size_t count = 1;
  napi_value argument = nullptr;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, &argument, nullptr, &data);
  auto* bound = static_cast<BoundAttachment*>(data);
  if (!bound->is_open) {
    throw_code(env, "ERR_CLOSED", "the region was closed");
    return nullptr;
  }
  if (count < 1 || !take_id(env, argument, id)) {
    bound->page[Page::kStatus] = Page::kStatusBadId;
    return nullptr;
  }
  return bound;
}

void put_view(BoundAttachment* bound, const EventTable::EventView& view) {
  bound->page[Page::kHandle] = static_cast<double>(view.handle);
  bound->page[Page::kLifecycle] = view.lifecycle;
  bound->page[Page::kSpent] = view.spent ? 1 : 0;
  bound->page[Page::kType] = view.type;
  bound->page[Page::kSymbol] = view.symbol;
}

void put_status(BoundAttachment* bound, EventTable::Status status) {
  bound->page[Page::kStatus] = static_cast<double>(status);
}

napi_value event_register(napi_env env, napi_callback_info info) {
  EventId id;
  BoundAttachment* bound = with_id(env, info, &id);
  if (bound == nullptr) return nullptr;
  const std::uint64_t type = word_of(bound->page[Page::kType]);
  const std::uint64_t symbol = word_of(bound->page[Page::kSymbol]);
  if (type >= bound->attachment.type_count() || symbol >= layout::kSymbolsMax) {
    return throw_code(env, "ERR_INVALID_ARGUMENT", "the event's type or symbol index is out of range");
  }
  std::uint64_t handle = 0;
  const EventTable::Status status = bound->attachment.events().register_event(
      id, static_cast<std::uint32_t>(type), static_cast<std::uint32_t>(symbol), bound->words() + Page::kRecord,
      bound->attachment.participant(), &handle);
  bound->page[Page::kHandle] = static_cast<double>(handle);
  put_status(bound, status);
  return nullptr;
}

napi_value event_get_by_id(napi_env env, napi_callback_info info) {
  EventId id;
  BoundAttachment* bound = with_id(env, info, &id);
  if (bound == nullptr) return nullptr;
  EventTable::EventView view{};
  const EventTable::Status status =
      bound->attachment.events().get_by_id(id, bound->words() + Page::kRecord, &view);
  if (status == EventTable::Status::kOk) put_view(bound, view);
  put_status(bound, status);
  return nullptr;
}

napi_value event_get(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  EventTable::EventView view{};
  const EventTable::Status status = bound->attachment.events().get(word_of(bound->page[Page::kHandle]),
                                                                   bound->words() + Page::kRecord, &view);
  if (status == EventTable::Status::kOk) put_view(bound, view);
  put_status(bound, status);
  return nullptr;
}

napi_value event_id(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  bound->page[Page::kIdBytes] =
      bound->attachment.events().id_of(word_of(bound->page[Page::kHandle]), bound->words() + Page::kId);
  return nullptr;
}

napi_value event_transition(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  std::uint32_t before = 0;
  const EventTable::Status status =
      bound->attachment.events().transition(word_of(bound->page[Page::kHandle]),
                                            static_cast<std::uint32_t>(word_of(bound->page[Page::kTo]) & 7), &before);
  bound->page[Page::kLifecycle] = before;
  put_status(bound, status);
  return nullptr;
}

napi_value event_retire(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  put_status(bound, bound->attachment.events().retire(word_of(bound->page[Page::kHandle]),
                                                      bound->attachment.participant()));
  return nullptr;
}

napi_value event_scan(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  EventTable& events = bound->attachment.events();
  const double type = bound->page[Page::kType];
  if (type >= static_cast<double>(bound->attachment.type_count())) {
    return throw_code(env, "ERR_INVALID_ARGUMENT", "the type index is out of range");
  }
  std::uint64_t* rows = bound->words() + Page::kRows;
  const std::size_t found = events.scan(type < 0 ? EventTable::kAllTypes : static_cast<std::uint32_t>(type), rows,
                                        events.capacity());
  const std::size_t row_words = 4 + events.record_words();
  for (std::size_t row = 0; row < found; ++row) {
    std::uint64_t* words = rows + row * row_words;
    auto* numbers = reinterpret_cast<double*>(words);
    numbers[0] = static_cast<double>(words[0]);
    numbers[1] = static_cast<double>(words[1]);
    numbers[2] = static_cast<double>(words[2]);
    const std::uint64_t packed = words[3];
    // One word: the type, and the symbol in units of 64 (kTypesMax); a double holds both exactly.
    numbers[3] = static_cast<double>((packed & 0xffffffff) + (packed >> 32) * layout::kTypesMax);
  }
  bound->page[Page::kCount] = static_cast<double>(found);
  return nullptr;
}

napi_value event_count(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  bound->page[Page::kCount] = static_cast<double>(bound->attachment.events().count_live());
  return nullptr;
}

// --- reservation ledger ---------------------------------------------------------------------------------------------

void put_status(BoundAttachment* bound, ReservationLedger::Status status) {
  bound->page[Page::kStatus] = static_cast<double>(status);
}

/// Requests stand in the rows, three doubles each: handle, capital, lease end. Tokens replace the handles.
napi_value ledger_reserve(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  const std::uint64_t count = word_of(bound->page[Page::kCount]);
  if (count < 1 || count > bound->attachment.slots_max()) {
    return throw_code(env, "ERR_INVALID_ARGUMENT", "a reservation takes 1 to as many requests as the ledger has slots");
  }
  ReservationLedger::Request requests[layout::kSlotsMaxMax];
  std::uint64_t tokens[layout::kSlotsMaxMax];
  double* rows = bound->page + Page::kRows;
  for (std::size_t index = 0; index < count; ++index) {
    requests[index] = {word_of(rows[index * 3]), signed_of(rows[index * 3 + 1]), signed_of(rows[index * 3 + 2])};
  }
  std::size_t refused = 0;
  const ReservationLedger::Status status = bound->attachment.ledger().reserve(
      requests, count, word_of(bound->page[Page::kIdlePots]), tokens, &refused);
  for (std::size_t index = 0; index < count; ++index) rows[index * 3] = static_cast<double>(tokens[index]);
  bound->page[Page::kRefused] = static_cast<double>(refused);
  put_status(bound, status);
  return nullptr;
}

template <ReservationLedger::Status (ReservationLedger::*kStep)(std::uint64_t) noexcept>
napi_value ledger_step(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  put_status(bound, (bound->attachment.ledger().*kStep)(word_of(bound->page[Page::kToken])));
  return nullptr;
}

napi_value ledger_release(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  put_status(bound, bound->attachment.ledger().release(word_of(bound->page[Page::kToken]),
                                                       bound->page[Page::kSettled] != 0,
                                                       signed_of(bound->page[Page::kCapital])));
  return nullptr;
}

napi_value ledger_recover(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  bound->page[Page::kCount] = static_cast<double>(
      bound->attachment.ledger().recover(signed_of(bound->page[Page::kNow]), ReservationLedger::kNobody));
  return nullptr;
}

/// Limits stand in the rows: capital, max open, max per symbol, flags, then a double a type (its pot + 1), one a pot (its
/// share in parts per million), and two a type (the mask of compatible types, low and high 32 bits).
napi_value ledger_set_limits(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  const double* rows = bound->page + Page::kRows;
  ReservationLedger::Limits limits{};
  limits.capital_minor = signed_of(rows[0]);
  limits.max_open = static_cast<std::uint32_t>(word_of(rows[1]) & 0xffff);
  limits.max_per_symbol = static_cast<std::uint32_t>(word_of(rows[2]) & 0xffff);
  limits.flags = word_of(rows[3]);
  const double* pots = rows + 4;
  const double* shares = pots + layout::kTypesMax;
  const double* masks = shares + layout::kPotsMax;
  for (std::size_t type = 0; type < layout::kTypesMax; ++type) {
    limits.type_pots[type] = static_cast<std::uint8_t>(word_of(pots[type]) & 0xff);
    limits.compatible[type] = word_of(masks[2 * type]) | word_of(masks[2 * type + 1]) << 32;
  }
  for (std::size_t pot = 0; pot < layout::kPotsMax; ++pot) {
    limits.pot_shares[pot] = static_cast<std::uint32_t>(word_of(shares[pot]));
  }
  bound->attachment.ledger().set_limits(limits);
  return nullptr;
}

/// Leaves the capital in the control words and a row of eight doubles a slot: token, event, capital, symbol, type, state,
/// owner, lease end.
napi_value ledger_read(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  ReservationLedger& ledger = bound->attachment.ledger();
  const std::uint64_t* block = ledger.read();
  bound->page[Page::kCapital] = static_cast<double>(static_cast<std::int64_t>(block[layout::kBlockCapital]));
  bound->page[Page::kToken] = static_cast<double>(block[layout::kBlockNextToken]);
  bound->page[Page::kCount] = static_cast<double>(ledger.slot_count());
  double* rows = bound->page + Page::kRows;
  for (std::size_t index = 0; index < ledger.slot_count(); ++index) {
    const std::uint64_t* slot = ledger.slot_at(index);
    const std::uint64_t packed = slot[layout::kSlotPacked];
    double* row = rows + index * 8;
    row[0] = static_cast<double>(slot[layout::kSlotToken]);
    row[1] = static_cast<double>(slot[layout::kSlotEvent]);
    row[2] = static_cast<double>(static_cast<std::int64_t>(slot[layout::kSlotCapital]));
    row[3] = static_cast<double>(packed & 0xffff);
    row[4] = static_cast<double>((packed >> layout::kPackedTypeShift) & 255);
    row[5] = static_cast<double>((packed >> layout::kPackedStateShift) & 255);
    row[6] = static_cast<double>((packed >> layout::kPackedOwnerShift) & 0xffff);
    row[7] = static_cast<double>(static_cast<std::int64_t>(slot[layout::kSlotLease]));
  }
  return nullptr;
}

// --- participants ---------------------------------------------------------------------------------------------------

napi_value participant_free(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  bound->page[Page::kStatus] =
      bound->attachment.free_participant(word_of(bound->page[Page::kParticipant])) ? 1 : 0;
  return nullptr;
}

}  // namespace

void bind_hot_calls(napi_env env, napi_value target, BoundAttachment* bound) {
  const auto add = [&](const char* name, napi_callback callback) {
    napi_set_named_property(env, target, name, bind_function(env, name, callback, bound, bound));
  };
  add("eventRegister", event_register);
  add("eventGetById", event_get_by_id);
  add("eventGet", event_get);
  add("eventId", event_id);
  add("eventTransition", event_transition);
  add("eventRetire", event_retire);
  add("eventScan", event_scan);
  add("eventCount", event_count);
  add("ledgerReserve", ledger_reserve);
  add("ledgerSubmit", ledger_step<&ReservationLedger::submit>);
  add("ledgerOpen", ledger_step<&ReservationLedger::open>);
  add("ledgerClose", ledger_step<&ReservationLedger::close>);
  add("ledgerRelease", ledger_release);
  add("ledgerRecover", ledger_recover);
  add("ledgerSetLimits", ledger_set_limits);
  add("ledgerRead", ledger_read);
  add("participantFree", participant_free);

  napi_value rings = nullptr;
  napi_create_array(env, &rings);
  for (const auto& ring : bound->rings) {
    napi_value object = nullptr;
    napi_create_object(env, &object);
    const auto add_ring = [&](const char* name, napi_callback callback) {
      napi_set_named_property(env, object, name, bind_function(env, name, callback, ring.get(), bound));
    };
    add_ring("read", ring_read);
    add_ring("readPart", ring_read_part);
    add_ring("publish", ring_publish);
    add_ring("claim", ring_claim);
    add_ring("unclaim", ring_unclaim);
    napi_set_element(env, rings, static_cast<std::uint32_t>(ring->index), object);
  }
  napi_set_named_property(env, target, "rings", rings);
}

}  // namespace signalbox::binding
