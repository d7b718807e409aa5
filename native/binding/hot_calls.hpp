/// What the hot calls share: raw callbacks bound to their attachment or ring, no arguments (an id is the one exception: V8
/// hands a string over faster than a typed array of its bytes), results in the pinned call page. Ranges were checked by
/// TypeScript; what would lead out of the page or the tables is checked here again.
#pragma once

#include "attachment.hpp"

namespace signalbox::binding {

template <typename Bound>
inline Bound* data_of(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  return static_cast<Bound*>(data);
}

/// The attachment of a call, or nullptr with ERR_CLOSED thrown.
inline BoundAttachment* open_attachment(napi_env env, napi_callback_info info) {
  auto* bound = data_of<BoundAttachment>(env, info);
  if (bound->is_open) return bound;
  throw_code(env, "ERR_CLOSED", "the region was closed");
  return nullptr;
}

/// A page's double as the unsigned integer that it holds; 0 for anything else.
inline std::uint64_t word_of(double value) {
  return value >= 0 && value < 9007199254740992.0 ? static_cast<std::uint64_t>(value) : 0;
}

/// A page's double as the integer that it holds; 0 for anything beyond 2^53.
inline std::int64_t signed_of(double value) {
  return value > -9007199254740992.0 && value < 9007199254740992.0 ? static_cast<std::int64_t>(value) : 0;
}

/// Each adds its calls to what `attach` hands out. False if the environment refuses.
[[nodiscard]] bool bind_ring_calls(napi_env env, BoundAttachment* bound, Properties* into);
[[nodiscard]] bool bind_event_calls(napi_env env, BoundAttachment* bound, Properties* into);
[[nodiscard]] bool bind_ledger_calls(napi_env env, BoundAttachment* bound, Properties* into);

}  // namespace signalbox::binding
