#include "memory.hpp"

namespace signalbox::relacy {

namespace {

rl::memory_order rl_order(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed: return rl::mo_relaxed;
    case std::memory_order_consume:
    case std::memory_order_acquire: return rl::mo_acquire;
    case std::memory_order_release: return rl::mo_release;
    case std::memory_order_acq_rel: return rl::mo_acq_rel;
    case std::memory_order_seq_cst: return rl::mo_seq_cst;
  }
  return rl::mo_seq_cst;
}

rl::debug_info info_of(const std::source_location& at) { return {at.function_name(), at.file_name(), at.line()}; }

/// Holds the other threads back for one access, unless they may run before it.
class Turn {
 public:
  Turn() : is_held_(!Memory::instance().may_switch()) {
    if (is_held_) rl::ctx().disable_preemption();
  }
  ~Turn() {
    if (is_held_) rl::ctx().enable_preemption();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  bool is_held_;
};

}  // namespace

void Memory::make(const Word* first, std::size_t count, std::uint64_t value) {
  for (std::size_t index = first - words(); count > 0; ++index, --count) {
    if (index >= kWordsMax) std::abort();
    auto* made = ::new (places_[index]) rl::atomic<std::uint64_t>();
    made->store(value, rl::mo_relaxed, RL_INFO);
    made_[made_count_++] = static_cast<std::uint16_t>(index);
    is_made_[index] = true;
  }
}

void Memory::end() {
  using Atomic = rl::atomic<std::uint64_t>;
  while (made_count_ > 0) {
    const std::size_t index = made_[--made_count_];
    reinterpret_cast<Atomic*>(places_[index])->~Atomic();
    is_made_[index] = false;
  }
}

rl::atomic<std::uint64_t>& Memory::at(const Word* word) {
  const std::size_t index = word - words();
  if (index >= kWordsMax || !is_made_[index]) {
    std::fprintf(stderr, "a play touches word %zu, which it did not make\n", index);
    std::abort();
  }
  return *reinterpret_cast<rl::atomic<std::uint64_t>*>(places_[index]);
}

std::memory_order Memory::left_of(std::memory_order order, const std::source_location& at) {
  if (order == std::memory_order_relaxed) return order;
  const Site* site = sites.count(at, order);
  bool acquires = order != std::memory_order_release;
  bool releases = order != std::memory_order_acquire;
  bool is_whole = true;
  for (const Weakening& weakening : fault) {
    if (weakening.site != site) continue;
    is_whole = false;
    acquires = acquires && weakening.half != Half::kAcquire;
    releases = releases && weakening.half != Half::kRelease;
  }
  if (is_whole) return order;
  if (acquires) return releases ? std::memory_order_acq_rel : std::memory_order_acquire;
  return releases ? std::memory_order_release : std::memory_order_relaxed;
}

std::uint64_t Word::load(std::memory_order order, std::source_location at) const noexcept {
  const Turn turn;
  Memory& memory = Memory::instance();
  std::memory_order left = memory.left_of(order, at);
  if (left == std::memory_order_acq_rel) left = std::memory_order_acquire;
  if (left == std::memory_order_release) left = std::memory_order_relaxed;
  return memory.at(this).load(rl_order(left), info_of(at));
}

void Word::store(std::uint64_t value, std::memory_order order, std::source_location at) noexcept {
  const Turn turn;
  Memory& memory = Memory::instance();
  std::memory_order left = memory.left_of(order, at);
  if (left == std::memory_order_acq_rel) left = std::memory_order_release;
  if (left == std::memory_order_acquire) left = std::memory_order_relaxed;
  memory.at(this).store(value, rl_order(left), info_of(at));
}

namespace {

template <typename Exchange>
bool exchange(std::memory_order success, std::memory_order failure, const std::source_location& at, Exchange exchange) {
  const Turn turn;
  const std::memory_order left = Memory::instance().left_of(success, at);
  const bool acquires = left != std::memory_order_relaxed && left != std::memory_order_release;
  // Whoever acquires nothing on success acquires nothing on failure; relacy insists on it.
  return exchange(rl_order(left), acquires ? rl_order(failure) : rl::mo_relaxed, info_of(at));
}

}  // namespace

bool Word::compare_exchange_strong(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                                   std::memory_order failure, std::source_location at) noexcept {
  return exchange(success, failure, at, [&](rl::memory_order then, rl::memory_order otherwise, const rl::debug_info& info) {
    return Memory::instance().at(this).compare_exchange_strong(expected, desired, then, info, otherwise, info);
  });
}

bool Word::compare_exchange_weak(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                                 std::memory_order failure, std::source_location at) noexcept {
  return exchange(success, failure, at, [&](rl::memory_order then, rl::memory_order otherwise, const rl::debug_info& info) {
    return Memory::instance().at(this).compare_exchange_weak(expected, desired, then, info, otherwise, info);
  });
}

std::uint64_t Word::fetch_or(std::uint64_t bits, std::memory_order order, std::source_location at) noexcept {
  const Turn turn;
  Memory& memory = Memory::instance();
  return memory.at(this).fetch_or(bits, rl_order(memory.left_of(order, at)), info_of(at));
}

std::uint64_t Word::fetch_and(std::uint64_t bits, std::memory_order order, std::source_location at) noexcept {
  const Turn turn;
  Memory& memory = Memory::instance();
  return memory.at(this).fetch_and(bits, rl_order(memory.left_of(order, at)), info_of(at));
}

std::uint64_t Word::fetch_add(std::uint64_t added, std::memory_order order, std::source_location at) noexcept {
  const Turn turn;
  Memory& memory = Memory::instance();
  return memory.at(this).fetch_add(added, rl_order(memory.left_of(order, at)), info_of(at));
}

void fence(std::memory_order order, std::source_location at) noexcept {
  const std::memory_order left = Memory::instance().left_of(order, at);
  if (left != std::memory_order_relaxed) rl::atomic_thread_fence(rl_order(left), info_of(at));
}

}  // namespace signalbox::relacy
