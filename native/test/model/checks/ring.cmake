# The snapshot ring's checks. See take_out.cmake.

set(file sync/snapshot_ring.hpp)

check(ring-empty ${file} "ReadResult read(" [[version == 0]] [[false]]
  "" "the sequence of a slot that nobody has written is twice 0: the answer is 0 as well")
check(ring-R2 ${file} "ReadResult read("
  [[slot[layout::kSlotSequence].load(std::memory_order_acquire) != 2 * version]] [[false]]
  "" "R4 sees it too: no sequence comes back, and R1 has brought 2v. R2 only spares the copy")
check(ring-R4 ${file} "ReadResult read("
  [[slot[layout::kSlotSequence].load(std::memory_order_relaxed) == 2 * version]] [[true]]
  "ring: a reader that the writer laps" "a copy that the writer went through is taken for whole")
check(ring-C1 ${file} "bool try_claim_writer("
  [[base_[layout::kRingWriter].compare_exchange_strong(expected, participant + 1, std::memory_order_acq_rel,
                                                              std::memory_order_acquire)]]
  [[base_[layout::kRingWriter].store(participant + 1, std::memory_order_release), true]]
  "ring: what a dying writer" "a ring has two writers")
check(ring-C2 ${file} "void release_writer("
  [[base_[layout::kRingWriter].compare_exchange_strong(expected, 0, std::memory_order_release,
                                                       std::memory_order_relaxed);]]
  [[base_[layout::kRingWriter].store(0, std::memory_order_release);]]
  "ring: whoever frees the dead" "the death of one participant takes the claim of another")
