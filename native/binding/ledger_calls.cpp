/// The calls of the reservation ledger and of the participants.
#include "hot_calls.hpp"

namespace signalbox::binding {

namespace {

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
  if (status == ReservationLedger::Status::kOk) {
    for (std::size_t index = 0; index < count; ++index) rows[index * 3] = static_cast<double>(tokens[index]);
  }
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

napi_value participant_free(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  bound->page[Page::kStatus] =
      bound->attachment.free_participant(word_of(bound->page[Page::kParticipant]), word_of(bound->page[Page::kOwnerTag])) ? 1 : 0;
  return nullptr;
}

}  // namespace

bool bind_ledger_calls(napi_env env, BoundAttachment* bound, Properties* into) {
  static constexpr Call kCalls[] = {
      {"ledgerReserve", ledger_reserve},
      {"ledgerSubmit", ledger_step<&ReservationLedger::submit>},
      {"ledgerOpen", ledger_step<&ReservationLedger::open>},
      {"ledgerClose", ledger_step<&ReservationLedger::close>},
      {"ledgerRelease", ledger_release},
      {"ledgerRecover", ledger_recover},
      {"ledgerSetLimits", ledger_set_limits},
      {"ledgerRead", ledger_read},
      {"participantFree", participant_free},
  };
  return add_calls(env, kCalls, bound, bound, into);
}

}  // namespace signalbox::binding
