#include "attachment.hpp"

#include <algorithm>

#include "hot_calls.hpp"

namespace signalbox::binding {

napi_value object_of(napi_env env, const std::vector<napi_property_descriptor>& properties) {
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
  // JavaScript dropped every function without calling close: nobody can use this attachment any more.
  if (bound->is_open) {
    napi_remove_env_cleanup_hook(bound->env, on_environment_end, bound);
    bound->close();
  }
  delete bound;
}

napi_value close_attachment(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto* bound = static_cast<BoundAttachment*>(data);
  if (bound->is_open) {
    napi_remove_env_cleanup_hook(env, on_environment_end, bound);
    bound->close();
  }
  return nullptr;
}

}  // namespace

void BoundAttachment::close() {
  if (!is_open) return;
  is_open = false;
  attachment.detach();
  for (napi_ref reference : pins) napi_delete_reference(env, reference);
  pins.clear();
}

napi_value bind_function(napi_env env, const char* name, napi_callback callback, void* data, BoundAttachment* owner) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function);
  napi_add_finalizer(env, function, owner, on_function_collected, nullptr, nullptr);
  owner->functions += 1;
  return function;
}

napi_value attach(napi_env env, napi_callback_info info) {
  std::size_t count = 4;
  napi_value arguments[4];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  std::size_t region_size = 0;
  std::size_t page_size = 0;
  void* region = count == 4 ? shared_bytes(env, arguments[0], &region_size) : nullptr;
  void* page = region != nullptr ? shared_bytes(env, arguments[1], &page_size) : nullptr;
  double tag = 0;
  if (page == nullptr || napi_get_value_double(env, arguments[3], &tag) != napi_ok || !(tag >= 1 && tag < 9007199254740992.0)) {
    return throw_code(env, "ERR_INVALID_ARGUMENT",
                      "attach takes typed arrays over SharedArrayBuffers (region, page), an array of ring pages, an owner");
  }

  auto bound = std::make_unique<BoundAttachment>();
  bound->env = env;
  bound->page = static_cast<double*>(page);
  bound->page_words = page_size / 8;
  const AttachStatus status =
      Attachment::attach(region, region_size, static_cast<std::uint64_t>(tag), &bound->attachment);
  if (status != AttachStatus::kOk) {
    return throw_code(env, status == AttachStatus::kParticipants ? "ERR_PARTICIPANTS" : "ERR_FOREIGN_REGION",
                      text_of(status));
  }
  bound->is_open = true;

  const Attachment& view = bound->attachment;
  const std::size_t row_words = 4 + bound->attachment.events().record_words();
  const std::size_t rows_words = std::max(bound->attachment.events().capacity() * row_words,
                                          bound->attachment.slots_max() * 8 + 2 * layout::kTypesMax + 64);
  bool fits = bound->page_words >= Page::kRows + rows_words && pin(env, arguments[0], bound.get()) &&
              pin(env, arguments[1], bound.get());
  for (std::size_t index = 0; fits && index < view.ring_count(); ++index) {
    napi_value ring_page = nullptr;
    std::size_t size = 0;
    void* bytes = nullptr;
    if (napi_get_element(env, arguments[2], static_cast<std::uint32_t>(index), &ring_page) == napi_ok) {
      bytes = shared_bytes(env, ring_page, &size);
    }
    fits = bytes != nullptr &&
           size / 8 >= Page::kRingPayload + 2 * bound->attachment.ring(index).payload_words() &&
           pin(env, ring_page, bound.get());
    if (fits) {
      bound->rings.push_back(
          std::make_unique<BoundRing>(BoundRing{bound.get(), index, static_cast<double*>(bytes)}));
    }
  }
  if (!fits) {
    bound->close();
    return throw_code(env, "ERR_INVALID_ARGUMENT", "attach: a page is smaller than the region's records need");
  }

  napi_value result = nullptr;
  napi_create_object(env, &result);
  napi_value participant = nullptr;
  napi_create_double(env, static_cast<double>(view.participant()), &participant);
  napi_set_named_property(env, result, "participant", participant);
  BoundAttachment* raw = bound.release();
  napi_set_named_property(env, result, "close", bind_function(env, "close", close_attachment, raw, raw));
  bind_ring_calls(env, result, raw);
  bind_event_calls(env, result, raw);
  bind_ledger_calls(env, result, raw);
  napi_add_env_cleanup_hook(env, on_environment_end, raw);
  return result;
}

}  // namespace signalbox::binding
