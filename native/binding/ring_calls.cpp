/// The calls of a snapshot ring, bound to it.
#include "hot_calls.hpp"

namespace signalbox::binding {

namespace {

void read_ring(BoundRing* ring, std::size_t first, std::size_t count) {
  auto* out = reinterpret_cast<std::uint64_t*>(ring->page) + Page::kRingPayload + first;
  const SnapshotRing::ReadResult result = ring->ring.read(out, first, count);
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
  read_ring(ring, 0, ring->ring.payload_words());
  return nullptr;
}

napi_value ring_read_part(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  const std::size_t words = ring->ring.payload_words();
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
  SnapshotRing& target = ring->ring;
  const auto* staged =
      reinterpret_cast<const std::uint64_t*>(ring->page) + Page::kRingPayload + target.payload_words();
  ring->page[Page::kRingVersion] = static_cast<double>(target.publish(staged));
  return nullptr;
}

napi_value ring_claim(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  const std::uint64_t participant = ring->owner->attachment.participant();
  ring->page[Page::kRingVersion] = ring->ring.try_claim_writer(participant) ? 1 : 0;
  return nullptr;
}

napi_value ring_unclaim(napi_env env, napi_callback_info info) {
  BoundRing* ring = open_ring(env, info);
  if (ring == nullptr) return nullptr;
  ring->ring.release_writer(ring->owner->attachment.participant());
  return nullptr;
}

}  // namespace

bool bind_ring_calls(napi_env env, BoundAttachment* bound, Properties* into) {
  static constexpr Call kCalls[] = {
      {"read", ring_read}, {"readPart", ring_read_part}, {"publish", ring_publish}, {"claim", ring_claim}, {"unclaim", ring_unclaim},
  };
  // Defined by name like every property: setting an element would run a setter on a prototype.
  static constexpr const char* kPlaces[layout::kRingsMax] = {"0", "1", "2", "3", "4", "5", "6", "7"};
  Properties elements;
  for (std::size_t index = 0; index < bound->rings.size(); ++index) {
    Properties calls;
    if (!add_calls(env, kCalls, bound->rings[index].get(), bound, &calls)) return false;
    napi_value object = object_of(env, calls);
    if (object == nullptr) return false;
    elements.push_back(data_property(kPlaces[index], object));
  }
  napi_value rings = nullptr;
  if (napi_create_array(env, &rings) != napi_ok ||
      napi_define_properties(env, rings, elements.size(), elements.data()) != napi_ok) {
    return false;
  }
  into->push_back(data_property("rings", rings));
  return true;
}

}  // namespace signalbox::binding
