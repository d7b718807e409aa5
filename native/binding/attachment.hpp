/// What one JavaScript attachment owns: the region's view, pinned buffers, and the functions bound to it.
///
/// Lifetime. The functions hold a share of this object through their finalizers, so a function that JavaScript kept
/// cannot outlive it. The buffers are pinned by references that are dropped at `close` or when the environment ends. They
/// are SharedArrayBuffers (checked at attach): nothing in JavaScript can detach or shrink those, so the pointers hold.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "../region/region.hpp"

namespace signalbox::binding {

/// Where a call finds its arguments and leaves its results, in words (doubles) of the call page. The same numbers stand in
/// src/region/layout.ts (`page`).
struct Page {
  static constexpr std::size_t kControlWords = 64;
  static constexpr std::size_t kId = 64;
  static constexpr std::size_t kRecord = 80;
  static constexpr std::size_t kRows = 160;

  // Results.
  static constexpr std::size_t kStatus = 0;
  static constexpr std::size_t kHandle = 1;
  static constexpr std::size_t kLifecycle = 2;
  static constexpr std::size_t kSpent = 3;
  static constexpr std::size_t kType = 4;
  static constexpr std::size_t kSymbol = 5;
  static constexpr std::size_t kIdBytes = 6;
  static constexpr std::size_t kIdHash = 7;
  static constexpr std::size_t kCount = 8;
  static constexpr std::size_t kTo = 9;
  static constexpr std::size_t kToken = 10;
  static constexpr std::size_t kSettled = 11;
  static constexpr std::size_t kCapital = 12;
  static constexpr std::size_t kNow = 13;
  static constexpr std::size_t kIdlePots = 14;
  static constexpr std::size_t kRefused = 15;
  static constexpr std::size_t kParticipant = 16;
  static constexpr std::size_t kOwnerTag = 17;

  /// Instead of an operation's status: the string is no event id.
  static constexpr int kStatusBadId = 9;

  /// A ring's page: version, attempts, first word, word count; what was read begins at kRingPayload, and behind it, as long
  /// again, what is to be published.
  static constexpr std::size_t kRingVersion = 0;
  static constexpr std::size_t kRingAttempts = 1;
  static constexpr std::size_t kRingFirst = 2;
  static constexpr std::size_t kRingCount = 3;
  static constexpr std::size_t kRingPayload = 8;
};

struct BoundAttachment;

struct BoundRing {
  BoundAttachment* owner;
  /// A copy of the attachment's: where the ring lies never changes, and a read comes to it in one step.
  SnapshotRing ring;
  double* page;
};

struct BoundAttachment {
  Attachment attachment;
  bool is_open = false;
  /// The environment's cleanup hook for this object stands.
  bool has_hook = false;
  double* page = nullptr;
  std::vector<std::unique_ptr<BoundRing>> rings;
  std::vector<napi_ref> pins;
  /// Those whose finalizer will let go of this object.
  std::size_t functions = 0;
  napi_env env = nullptr;

  [[nodiscard]] std::uint64_t* words() const noexcept { return reinterpret_cast<std::uint64_t*>(page); }

  /// Detaches, takes the hook away and drops the pins. Idempotent.
  void close();
};

/// An ordinary property of an object that the addon makes. Defined, not set: a setter that somebody put onto `Object.prototype` does not
/// run, so nobody holds what is only half made.
inline napi_property_descriptor data_property(const char* name, napi_value value) {
  return {name, nullptr, nullptr, nullptr, nullptr, value, napi_default_jsproperty, nullptr};
}

using Properties = std::vector<napi_property_descriptor>;

/// A new object with these properties, or nullptr if the environment refuses.
napi_value object_of(napi_env env, const Properties& properties);

/// What an environment throws its errors by: a function of code and message that makes them.
struct ErrorMaker {
  napi_ref function = nullptr;
};

/// `setErrorMaker(make)`: from here on what this environment's calls throw is what `make(code, message)` returns. Once, at the load.
napi_value set_error_maker(napi_env env, napi_callback_info info);

/// Throws what the environment's error maker makes of it; without one, a plain Error with `code`.
napi_value throw_code(napi_env env, const char* code, const char* message);

/// `attach(regionBytes, page, ringPages, ownerTag)`: see src/region/backend/native.ts.
napi_value attach(napi_env env, napi_callback_info info);

/// A call's name in JavaScript, and what runs.
struct Call {
  const char* name;
  napi_callback callback;
};

/// Adds a function whose `data` is `data` and that keeps `owner` alive. False if the environment refuses.
[[nodiscard]] bool add_call(napi_env env, const Call& call, void* data, BoundAttachment* owner, Properties* into);

template <std::size_t kCount>
[[nodiscard]] bool add_calls(napi_env env, const Call (&calls)[kCount], void* data, BoundAttachment* owner, Properties* into) {
  for (const Call& call : calls) {
    if (!add_call(env, call, data, owner, into)) return false;
  }
  return true;
}

}  // namespace signalbox::binding
