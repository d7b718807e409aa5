/// What the region's calls are measured against: a Node-API call that does nothing, and a bare memcpy. An addon of the benches'
/// own, so that the product carries nothing that only they need. Reads no clock: the caller in JavaScript does, around many copies.
#include <node_api.h>

#include "core.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

constexpr std::size_t kBytesMax = 16'384;
alignas(64) unsigned char source[kBytesMax];
alignas(64) unsigned char target[kBytesMax];

/// Nothing: what crossing the border costs by itself.
napi_value empty(napi_env, napi_callback_info) { return nullptr; }

/// `copies(bytes, count)`: count copies of so many bytes, hot in the first-level cache as a snapshot's latest slot is.
napi_value copies(napi_env env, napi_callback_info info) {
  napi_value arguments[2] = {};
  std::size_t argument_count = 2;
  napi_get_cb_info(env, info, &argument_count, arguments, nullptr, nullptr);
  std::uint32_t bytes = 0;
  std::uint32_t count = 0;
  napi_get_value_uint32(env, arguments[0], &bytes);
  napi_get_value_uint32(env, arguments[1], &count);
  if (bytes > kBytesMax) {
    napi_throw_range_error(env, "ERR_INVALID_ARGUMENT", "more bytes than the buffers hold");
    return nullptr;
  }
  for (std::uint32_t copy = 0; copy < count; copy += 1) {
    std::memcpy(target, source, bytes);
    // The compiler is told that somebody reads and writes both: no copy is dropped, merged or moved out of the loop, and `bytes`
    // stays a size that it does not know (a constant one makes GCC's own expansion of memcpy, twice as slow).
    asm volatile("" : "+r"(bytes) : "r"(target), "r"(source) : "memory");
  }
  return nullptr;
}

void add(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  add(env, exports, "empty", empty);
  add(env, exports, "copies", copies);
  add_core(env, exports);
  return exports;
}
