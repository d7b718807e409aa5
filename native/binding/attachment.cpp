#include "attachment.hpp"

#include <algorithm>

#include "hot_calls.hpp"

namespace signalbox::binding {

napi_value object_of(napi_env env, const Properties& properties) {
  napi_value object = nullptr;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  return napi_define_properties(env, object, properties.size(), properties.data()) == napi_ok ? object : nullptr;
}

napi_value throw_code(napi_env env, const char* code, const char* message) {
  void* data = nullptr;
  napi_value make = nullptr;
  napi_value receiver = nullptr;
  napi_value arguments[2] = {};
  napi_value error = nullptr;
  if (napi_get_instance_data(env, &data) == napi_ok && data != nullptr &&
      napi_get_reference_value(env, static_cast<ErrorMaker*>(data)->function, &make) == napi_ok && make != nullptr &&
      napi_get_undefined(env, &receiver) == napi_ok &&
      napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &arguments[0]) == napi_ok &&
      napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &arguments[1]) == napi_ok &&
      napi_call_function(env, receiver, make, 2, arguments, &error) == napi_ok) {
    napi_throw(env, error);
  } else {
    // Does nothing where an error is pending already, or the environment is ending.
    napi_throw_error(env, code, message);
  }
  return nullptr;
}

napi_value set_error_maker(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value function = nullptr;
  napi_valuetype type = napi_undefined;
  auto maker = std::make_unique<ErrorMaker>();
  if (napi_get_cb_info(env, info, &count, &function, nullptr, nullptr) != napi_ok || count != 1 ||
      napi_typeof(env, function, &type) != napi_ok || type != napi_function) {
    return throw_code(env, "ERR_INVALID_ARGUMENT", "setErrorMaker takes a function");
  }
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<ErrorMaker*>(data); };
  if (napi_create_reference(env, function, 1, &maker->function) == napi_ok &&
      napi_set_instance_data(env, maker.get(), finalize, nullptr) == napi_ok) {
    maker.release();
  }
  return nullptr;
}

namespace {

/// A worker ended, perhaps by `terminate()`: its participant is given back. The environment drops the references itself.
void on_environment_end(void* data) {
  auto* bound = static_cast<BoundAttachment*>(data);
  bound->has_hook = false;
  bound->pins.clear();
  bound->close();
}

/// The bytes of a typed array over a SharedArrayBuffer, or nullptr. An ArrayBuffer is refused: it could be transferred away
/// from under the addon.
void* shared_bytes(napi_env env, napi_value value, std::size_t* size) {
  bool is_typed_array = false;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return nullptr;
  napi_typedarray_type type;
  std::size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, nullptr) != napi_ok) return nullptr;
  bool is_array_buffer = false;
  if (napi_is_arraybuffer(env, buffer, &is_array_buffer) == napi_ok && is_array_buffer) return nullptr;
  std::size_t width = 1;
  if (type == napi_float64_array) width = 8;
  if (type != napi_uint8_array && type != napi_float64_array) return nullptr;
  *size = length * width;
  return data;
}

/// The same as words of a page: nullptr where they are not on a word's place.
double* shared_page(napi_env env, napi_value value, std::size_t* words) {
  std::size_t size = 0;
  void* bytes = shared_bytes(env, value, &size);
  *words = size / sizeof(double);
  return reinterpret_cast<std::uintptr_t>(bytes) % alignof(double) == 0 ? static_cast<double*>(bytes) : nullptr;
}

bool pin(napi_env env, napi_value value, BoundAttachment* bound) {
  napi_ref reference = nullptr;
  if (napi_create_reference(env, value, 1, &reference) != napi_ok) return false;
  bound->pins.push_back(reference);
  return true;
}

const char* text_of(AttachStatus status) {
  switch (status) {
    case AttachStatus::kTooSmall: return "the bytes are too few or misaligned for a region";
    case AttachStatus::kForeign: return "the bytes do not begin with a region's magic number";
    case AttachStatus::kVersion: return "the region has another layout version";
    case AttachStatus::kGeometry: return "the region's header contradicts itself or its size";
    case AttachStatus::kParticipants: return "every participant of the region is taken";
    case AttachStatus::kOk: break;
  }
  return "";
}

void on_function_collected(napi_env, void* data, void*) {
  auto* bound = static_cast<BoundAttachment*>(data);
  if (--bound->functions > 0) return;
  // JavaScript dropped every function, perhaps without calling close: nobody can use this attachment any more.
  bound->close();
  delete bound;
}

napi_value close_attachment(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  static_cast<BoundAttachment*>(data)->close();
  return nullptr;
}

/// Pins the call page and the rings' pages. False if one is missing, misaligned or too small for what the region's header says.
bool take_pages(napi_env env, napi_value region, napi_value page, napi_value ring_pages, BoundAttachment* bound) {
  Attachment& view = bound->attachment;
  const std::size_t row_words = 4 + view.events().record_words();
  const std::size_t rows_words =
      std::max(view.events().capacity() * row_words, view.slots_max() * 8 + 2 * layout::kTypesMax + 64);
  std::size_t page_words = 0;
  bound->page = shared_page(env, page, &page_words);
  if (bound->page == nullptr || page_words < Page::kRows + rows_words) return false;
  if (!pin(env, region, bound) || !pin(env, page, bound)) return false;
  for (std::size_t index = 0; index < view.ring_count(); ++index) {
    napi_value ring_page = nullptr;
    std::size_t words = 0;
    if (napi_get_element(env, ring_pages, static_cast<std::uint32_t>(index), &ring_page) != napi_ok) return false;
    double* ring_words = shared_page(env, ring_page, &words);
    if (ring_words == nullptr || words < Page::kRingPayload + 2 * view.ring(index).payload_words()) return false;
    if (!pin(env, ring_page, bound)) return false;
    bound->rings.push_back(std::make_unique<BoundRing>(BoundRing{bound, view.ring(index), ring_words}));
  }
  return true;
}

/// The object that JavaScript gets, whole or not at all (nullptr). The hook that gives the participant back stands before it does.
napi_value hand_out(napi_env env, BoundAttachment* bound) {
  static constexpr Call kCalls[] = {{"close", close_attachment}};
  if (napi_add_env_cleanup_hook(env, on_environment_end, bound) != napi_ok) return nullptr;
  bound->has_hook = true;
  Properties properties;
  napi_value participant = nullptr;
  if (napi_create_double(env, static_cast<double>(bound->attachment.participant()), &participant) != napi_ok) return nullptr;
  properties.push_back(data_property("participant", participant));
  const bool is_bound = add_calls(env, kCalls, bound, bound, &properties) && bind_ring_calls(env, bound, &properties) &&
                        bind_event_calls(env, bound, &properties) && bind_ledger_calls(env, bound, &properties);
  return is_bound ? object_of(env, properties) : nullptr;
}

}  // namespace

void BoundAttachment::close() {
  if (has_hook) napi_remove_env_cleanup_hook(env, on_environment_end, this);
  has_hook = false;
  if (!is_open) return;
  is_open = false;
  attachment.detach();
  for (napi_ref reference : pins) napi_delete_reference(env, reference);
  pins.clear();
}

bool add_call(napi_env env, const Call& call, void* data, BoundAttachment* owner, Properties* into) {
  napi_value function = nullptr;
  if (napi_create_function(env, call.name, NAPI_AUTO_LENGTH, call.callback, data, &function) != napi_ok ||
      napi_add_finalizer(env, function, owner, on_function_collected, nullptr, nullptr) != napi_ok) {
    return false;
  }
  owner->functions += 1;
  into->push_back(data_property(call.name, function));
  return true;
}

napi_value attach(napi_env env, napi_callback_info info) {
  std::size_t count = 4;
  napi_value arguments[4];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  std::size_t region_size = 0;
  std::size_t page_words = 0;
  void* region = count == 4 ? shared_bytes(env, arguments[0], &region_size) : nullptr;
  const double* page = region != nullptr ? shared_page(env, arguments[1], &page_words) : nullptr;
  double tag = 0;
  if (page == nullptr || napi_get_value_double(env, arguments[3], &tag) != napi_ok || !(tag >= 1 && tag < 9007199254740992.0)) {
    return throw_code(env, "ERR_INVALID_ARGUMENT",
                      "attach takes typed arrays over SharedArrayBuffers (region, page), an array of ring pages, an owner");
  }

  auto made = std::make_unique<BoundAttachment>();
  made->env = env;
  const AttachStatus status = Attachment::attach(region, region_size, static_cast<std::uint64_t>(tag), &made->attachment);
  if (status != AttachStatus::kOk) {
    return throw_code(env, status == AttachStatus::kParticipants ? "ERR_PARTICIPANTS" : "ERR_FOREIGN_REGION",
                      text_of(status));
  }
  made->is_open = true;
  if (!take_pages(env, arguments[0], arguments[1], arguments[2], made.get())) {
    made->close();
    return throw_code(env, "ERR_INVALID_ARGUMENT", "attach: a page is misaligned or smaller than the region's records need");
  }
  BoundAttachment* bound = made.release();
  napi_value result = hand_out(env, bound);
  if (result != nullptr) return result;
  bound->close();
  // Those of its functions that were made already let go of it when they are collected.
  if (bound->functions == 0) delete bound;
  return throw_code(env, "ERR_BACKEND", "attach: the environment makes no functions any more");
}

}  // namespace signalbox::binding
