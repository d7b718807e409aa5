/// The calls of the event table.
#include <cstring>

#include "hot_calls.hpp"

namespace signalbox::binding {

namespace {

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

/// The same of a call that walks a chain.
napi_value put_status_of_chain(napi_env env, BoundAttachment* bound, EventTable::Status status) {
  put_status(bound, status);
  if (status != EventTable::Status::kSpoilt) return nullptr;
  return throw_code(env, "ERR_INVARIANT", "REG-1: the region's bytes are spoilt: an id's chain leads to no entry or in a circle");
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
  return put_status_of_chain(env, bound, status);
}

napi_value event_get_by_id(napi_env env, napi_callback_info info) {
  EventId id;
  BoundAttachment* bound = with_id(env, info, &id);
  if (bound == nullptr) return nullptr;
  EventTable::EventView view{};
  const EventTable::Status status =
      bound->attachment.events().get_by_id(id, bound->words() + Page::kRecord, &view);
  if (status == EventTable::Status::kOk) put_view(bound, view);
  return put_status_of_chain(env, bound, status);
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
  return put_status_of_chain(
      env, bound,
      bound->attachment.events().retire(word_of(bound->page[Page::kHandle]), bound->attachment.participant()));
}

/// A lifecycle state, or a yes, as the double that a row holds: a load is faster than a conversion.
constexpr double kSmallNumbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};

napi_value event_scan(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  EventTable& events = bound->attachment.events();
  const double type = bound->page[Page::kType];
  // Not `>=`: the page may hold NaN, which is no type either.
  if (!(type < static_cast<double>(bound->attachment.type_count()))) {
    return throw_code(env, "ERR_INVALID_ARGUMENT", "the type index is out of range");
  }
  const std::size_t found = events.scan(
      type < 0 ? EventTable::kAllTypes : static_cast<std::uint32_t>(type), bound->words() + Page::kRows, events.capacity(),
      [](std::uint64_t* row, const EventTable::EventView& view) {
        auto* numbers = reinterpret_cast<double*>(row);
        // Signed: they are small, and x86-64 has no conversion of unsigned words.
        numbers[0] = static_cast<double>(static_cast<std::int64_t>(view.handle));
        numbers[1] = kSmallNumbers[view.lifecycle];
        numbers[2] = kSmallNumbers[view.spent ? 1 : 0];
        // One word: the type, and the symbol in units of 64 (kTypesMax); a double holds both exactly.
        numbers[3] = static_cast<double>(static_cast<std::int32_t>(view.type + view.symbol * layout::kTypesMax));
      });
  bound->page[Page::kCount] = static_cast<double>(found);
  return nullptr;
}

napi_value event_count(napi_env env, napi_callback_info info) {
  BoundAttachment* bound = open_attachment(env, info);
  if (bound == nullptr) return nullptr;
  bound->page[Page::kCount] = static_cast<double>(bound->attachment.events().count_live());
  return nullptr;
}

}  // namespace

bool bind_event_calls(napi_env env, BoundAttachment* bound, Properties* into) {
  static constexpr Call kCalls[] = {
      {"eventRegister", event_register},
      {"eventGetById", event_get_by_id},
      {"eventGet", event_get},
      {"eventId", event_id},
      {"eventTransition", event_transition},
      {"eventRetire", event_retire},
      {"eventScan", event_scan},
      {"eventCount", event_count},
  };
  return add_calls(env, kCalls, bound, bound, into);
}

}  // namespace signalbox::binding
