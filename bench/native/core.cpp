/// The region's operations in C++ alone, many to a call: beside the same operations from JavaScript they show what the border
/// costs. Works on a region that JavaScript made; reads no clock.
#include "core.hpp"

#include <memory>
#include <string>
#include <vector>

#include "region/region.hpp"

namespace {

using signalbox::Attachment;
using signalbox::AttachStatus;
using signalbox::EventId;
using signalbox::EventTable;
using signalbox::ReservationLedger;

/// Of the one region that a bench process measures. `pin` keeps its bytes.
struct Bench {
  Attachment attachment;
  napi_ref pin = nullptr;
  std::vector<std::uint64_t> handles;
  std::vector<EventId> ids;
  std::vector<std::uint64_t> out;
  std::size_t at = 0;
  std::uint64_t sink = 0;
};
std::unique_ptr<Bench> bench;

napi_value fail(napi_env env, const char* message) {
  napi_throw_error(env, "ERR_BENCH", message);
  return nullptr;
}

std::uint32_t count_of(napi_env env, napi_callback_info info) {
  napi_value argument = nullptr;
  std::size_t arguments = 1;
  std::uint32_t count = 0;
  napi_get_cb_info(env, info, &arguments, &argument, nullptr, nullptr);
  napi_get_value_uint32(env, argument, &count);
  return count;
}

EventId id_of(const std::string& text) {
  EventId id{};
  std::memcpy(id.words, text.data(), text.size());
  id.bytes = static_cast<std::uint32_t>(text.size());
  id.hash = signalbox::hash_id(reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return id;
}

/// `open(regionBytes, handles, ids)`: attaches, and keeps the handles (doubles) and ids that operations go through in turn.
napi_value open(napi_env env, napi_callback_info info) {
  napi_value arguments[3] = {};
  std::size_t count = 3;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  void* bytes = nullptr;
  std::size_t size = 0;
  napi_typedarray_type type{};
  if (napi_get_typedarray_info(env, arguments[0], &type, &size, &bytes, nullptr, nullptr) != napi_ok) {
    return fail(env, "the region's bytes are no typed array");
  }
  auto made = std::make_unique<Bench>();
  if (Attachment::attach(bytes, size, 77, &made->attachment) != AttachStatus::kOk) return fail(env, "cannot attach");
  napi_create_reference(env, arguments[0], 1, &made->pin);
  std::uint32_t length = 0;
  napi_get_array_length(env, arguments[1], &length);
  for (std::uint32_t index = 0; index < length; ++index) {
    napi_value element = nullptr;
    double handle = 0;
    napi_get_element(env, arguments[1], index, &element);
    napi_get_value_double(env, element, &handle);
    made->handles.push_back(static_cast<std::uint64_t>(handle));
  }
  napi_get_array_length(env, arguments[2], &length);
  for (std::uint32_t index = 0; index < length; ++index) {
    napi_value element = nullptr;
    char text[64] = {};
    std::size_t written = 0;
    napi_get_element(env, arguments[2], index, &element);
    napi_get_value_string_utf8(env, element, text, sizeof text, &written);
    made->ids.push_back(id_of({text, written}));
  }
  made->out.resize(std::size_t{1} << 20);
  bench = std::move(made);
  return nullptr;
}

template <typename Operation>
napi_value repeat(napi_env env, napi_callback_info info, Operation operation) {
  if (bench == nullptr) return fail(env, "open a region first");
  const std::uint32_t count = count_of(env, info);
  for (std::uint32_t call = 0; call < count; ++call) operation(*bench);
  napi_value sum = nullptr;
  napi_create_double(env, static_cast<double>(bench->sink & 0xffff), &sum);
  return sum;
}

template <typename Item>
const Item& next(Bench& bench, const std::vector<Item>& items) {
  bench.at = bench.at + 1 < items.size() ? bench.at + 1 : 0;
  return items[bench.at];
}

napi_value read(napi_env env, napi_callback_info info) {
  return repeat(env, info, [](Bench& bench) {
    bench.sink += bench.attachment.ring(0).read(bench.out.data(), 0, bench.attachment.ring(0).payload_words()).version;
  });
}

napi_value get(napi_env env, napi_callback_info info) {
  return repeat(env, info, [](Bench& bench) {
    EventTable::EventView view{};
    bench.sink += bench.attachment.events().get(next(bench, bench.handles), bench.out.data(), &view) == EventTable::Status::kOk;
  });
}

napi_value get_by_id(napi_env env, napi_callback_info info) {
  return repeat(env, info, [](Bench& bench) {
    EventTable::EventView view{};
    bench.sink += bench.attachment.events().get_by_id(next(bench, bench.ids), bench.out.data(), &view) == EventTable::Status::kOk;
  });
}

napi_value register_and_retire(napi_env env, napi_callback_info info) {
  return repeat(env, info, [](Bench& bench) {
    std::uint64_t handle = 0;
    const std::uint64_t owner = bench.attachment.participant();
    bench.attachment.events().register_event(next(bench, bench.ids), 1, 1, bench.out.data(), owner, &handle);
    bench.sink += bench.attachment.events().retire(handle, owner) == EventTable::Status::kOk;
  });
}

napi_value scan(napi_env env, napi_callback_info info) {
  return repeat(env, info, [](Bench& bench) {
    EventTable& events = bench.attachment.events();
    bench.sink += events.scan(EventTable::kAllTypes, bench.out.data(), events.capacity());
  });
}

/// With the last of the handles.
napi_value reserve_and_release(napi_env env, napi_callback_info info) {
  return repeat(env, info, [](Bench& bench) {
    const ReservationLedger::Request request{bench.handles.back(), 1'000, 1'000'000'000'000'000};
    std::uint64_t token = 0;
    std::size_t refused = 0;
    ReservationLedger& ledger = bench.attachment.ledger();
    if (ledger.reserve(&request, 1, 0, &token, &refused) != ReservationLedger::Status::kOk) return;
    bench.sink += ledger.release(token, false, 0) == ReservationLedger::Status::kOk;
  });
}

void add(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

void add_core(napi_env env, napi_value exports) {
  napi_value core = nullptr;
  napi_create_object(env, &core);
  add(env, core, "open", open);
  add(env, core, "read", read);
  add(env, core, "get", get);
  add(env, core, "getById", get_by_id);
  add(env, core, "registerAndRetire", register_and_retire);
  add(env, core, "scan", scan);
  add(env, core, "reserveAndRelease", reserve_and_release);
  napi_set_named_property(env, exports, "core", core);
}
