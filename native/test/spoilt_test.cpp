/// Bytes that somebody spoilt: words that no operation ever leaves. Whatever they say, every call ends, stays within the bytes, and
/// hands out no more than there is.
#include <atomic>

#include "check.hpp"
#include "region_image.hpp"

namespace signalbox::test {

namespace {

/// Somebody moves the rings' places in the header while others attach: whoever is let in was let in to the places that were checked.
void attaches_under_a_header_that_changes(std::uint64_t) {
  using namespace layout;
  RegionImage image({.rings = std::vector<RingShape>(kRingsMax, RingShape{4, 2})});
  Word* words = reinterpret_cast<Word*>(image.words());
  std::uint64_t places[kRingsMax];
  for (std::size_t ring = 0; ring < kRingsMax; ++ring) places[ring] = image.words()[kHeaderRings + ring * kHeaderRingWords];
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> moves{0};
  run_threads(2, [&](std::size_t thread) {
    if (thread == 0) {
      while (!is_over.load(std::memory_order_relaxed)) {
        for (std::size_t ring = 0; ring < kRingsMax; ++ring) {
          Word& place = words[kHeaderRings + ring * kHeaderRingWords];
          // A place of words 8 TiB away, on a line like every other.
          place.store(std::uint64_t{1} << 40, std::memory_order_relaxed);
          place.store(places[ring], std::memory_order_relaxed);
        }
        moves.fetch_add(1, std::memory_order_relaxed);
      }
      return;
    }
    while (moves.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
    Deadline deadline;
    while (!deadline.is_over()) {
      Attachment attachment;
      const AttachStatus status = Attachment::attach(image.bytes(), image.size(), 1, &attachment);
      CHECK(status == AttachStatus::kOk || status == AttachStatus::kGeometry);
      if (status != AttachStatus::kOk) continue;
      for (std::size_t ring = 0; ring < kRingsMax; ++ring) {
        std::uint64_t out[2];
        CHECK(attachment.ring(ring).read(out, 0, 2).version == 0);
      }
      attachment.detach();
    }
    is_over.store(true, std::memory_order_relaxed);
  });
}

}  // namespace

const Suite kSpoiltSuite{
    "spoilt",
    {
        {"spoilt: a header that changes while somebody attaches leads to no place that was not checked",
         attaches_under_a_header_that_changes},
    }};

}  // namespace signalbox::test
