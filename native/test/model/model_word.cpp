#include "model_word.hpp"

#include "execution.hpp"

namespace signalbox::model {

namespace {

/// The mark of a link, as the event table sets it.
constexpr std::uint64_t kMark = std::uint64_t{1} << 24;

}  // namespace

std::uint64_t Word::load(std::memory_order order, Site site) const noexcept {
  Executions* running = Executions::running();
  return running != nullptr ? running->load(this, order, site) : value_;
}

void Word::store(std::uint64_t value, std::memory_order order, Site site) noexcept {
  if (Executions* running = Executions::running()) running->store(this, value, order, site);
  else value_ = value;
}

bool Word::compare_exchange_strong(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                                   std::memory_order failure, Site site) noexcept {
  const std::uint64_t wanted = expected;
  Executions* running = Executions::running();
  if (running == nullptr) {
    expected = value_;
    if (value_ == wanted) value_ = desired;
  } else if (running->fault() == Fault::Kind::kCheckThenAct) {
    expected = running->load(this, success, site);
    if (expected == wanted) running->store(this, desired, success, site);
  } else {
    expected = running->modify(this, success, failure, "cas", site, [&](std::uint64_t* value) {
      if (*value != wanted) return false;
      *value = desired;
      return true;
    });
  }
  return expected == wanted;
}

std::uint64_t Word::fetch_or(std::uint64_t bits, std::memory_order order, Site site) noexcept {
  Executions* running = Executions::running();
  const std::uint64_t before = value_;
  if (running == nullptr) {
    value_ |= bits;
    return before;
  }
  const std::uint64_t kept = running->fault() == Fault::Kind::kNoMarks && bits == kMark ? 0 : bits;
  return running->modify(this, order, order, "fetch_or", site, [kept](std::uint64_t* value) {
    *value |= kept;
    return true;
  });
}

std::uint64_t Word::fetch_and(std::uint64_t bits, std::memory_order order, Site site) noexcept {
  Executions* running = Executions::running();
  const std::uint64_t before = value_;
  if (running == nullptr) {
    value_ &= bits;
    return before;
  }
  return running->modify(this, order, order, "fetch_and", site, [bits](std::uint64_t* value) {
    *value &= bits;
    return true;
  });
}

std::uint64_t Word::fetch_add(std::uint64_t added, std::memory_order order, Site site) noexcept {
  Executions* running = Executions::running();
  const std::uint64_t before = value_;
  if (running == nullptr) {
    value_ += added;
    return before;
  }
  const std::uint64_t kept = running->fault() == Fault::Kind::kNoAdditions ? 0 : added;
  return running->modify(this, order, order, "fetch_add", site, [kept](std::uint64_t* value) {
    *value += kept;
    return true;
  });
}

void fence(std::memory_order order, Site site) noexcept {
  if (Executions* running = Executions::running()) running->fence(order, site);
}

}  // namespace signalbox::model
