/// The calls of a snapshot ring, bound to it.
#include "hot_calls.hpp"

namespace signalbox::binding {

namespace {

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

}  // namespace

void bind_ring_calls(napi_env env, napi_value target, BoundAttachment* bound) {
  napi_value rings = nullptr;
  napi_create_array(env, &rings);
  for (const auto& ring : bound->rings) {
    napi_value object = nullptr;
    napi_create_object(env, &object);
    const auto add = [&](const char* name, napi_callback callback) {
      add_call(env, object, name, callback, ring.get(), bound);
    };
    add("read", ring_read);
    add("readPart", ring_read_part);
    add("publish", ring_publish);
    add("claim", ring_claim);
    add("unclaim", ring_unclaim);
    napi_set_element(env, rings, static_cast<std::uint32_t>(ring->index), object);
  }
  napi_set_named_property(env, target, "rings", rings);
}

}  // namespace signalbox::binding
